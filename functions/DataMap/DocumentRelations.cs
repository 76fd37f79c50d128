namespace Portability.DataMap;

/// <summary>Resolves the relations of nested documents to foreign keys.</summary>
internal sealed class DocumentRelations(IReadOnlyList<ScopedDataset> datasets, List<DataMapProblem> problems)
{
    /// <summary>Documents whose root is a dataset of this system.</summary>
    public IReadOnlyList<ScopedDocument> Resolve(IEnumerable<DocumentDataset> documents) =>
        documents
            .Select(document => (document, root: Find(document.Root)))
            .Where(pair => pair.root is not null)
            .Select(pair => new ScopedDocument(
                pair.document,
                pair.root!,
                Resolve(pair.root!, pair.document.Include, pair.document.Name)
            ))
            .ToList();

    private ScopedDataset? Find(string name) => datasets.FirstOrDefault(dataset => dataset.Name == name);

    /// <summary>Relations of one dataset; one that cannot be told is noted as a problem.</summary>
    /// <param name="outer">The dataset that includes them.</param>
    /// <param name="relations">The map's entries.</param>
    /// <param name="document">Who asks, for problems.</param>
    /// <param name="toOne">Whether rows referred to are wanted, and not those that refer.</param>
    public List<ScopedRelation> Resolve(
        ScopedDataset outer,
        IReadOnlyList<IncludedRelation> relations,
        string document,
        bool toOne = false
    )
    {
        var resolved = new List<ScopedRelation>();
        foreach (var relation in relations)
        {
            var inner = Find(relation.Dataset);
            var ways = inner is null ? [] : Ways(outer, inner, relation).ToList();
            // A table that refers to itself offers both directions of one key: the rows below are what a nested document means,
            // and the row above is what the columns of one row can mean.
            if (inner == outer && ways.Count == 2)
            {
                ways.RemoveAll(way => way.Many == toOne);
            }
            if (ways.Count != 1)
            {
                problems.Add(
                    new(
                        relation.Place,
                        document,
                        $"{ways.Count} foreign keys connect '{outer.Name}' and '{relation.Dataset}'",
                        ways.Count == 0
                            ? "Include datasets that are related, or declare the link in \"references\"."
                            : "Name the columns of one: \"by\": \"…\"."
                    )
                );
                continue;
            }
            resolved.Add(ways[0] with { Include = Resolve(inner!, relation.Include, document, toOne) });
        }
        return resolved;
    }

    private static IEnumerable<ScopedRelation> Ways(ScopedDataset outer, ScopedDataset inner, IncludedRelation relation)
    {
        foreach (var link in Links(inner, outer, relation))
        {
            yield return new(relation.As, inner, Many: true, link.ReferencedColumns, link.Columns, []);
        }
        foreach (var link in Links(outer, inner, relation))
        {
            yield return new(relation.As, inner, Many: false, link.Columns, link.ReferencedColumns, []);
        }
    }

    private static IEnumerable<Sources.ForeignKey> Links(
        ScopedDataset from,
        ScopedDataset to,
        IncludedRelation relation
    ) =>
        from.Table.ForeignKeys.Where(link =>
            string.Equals(link.ReferencedTable, to.Table.Name, StringComparison.OrdinalIgnoreCase)
            && (
                relation.By.Count == 0
                || relation.By.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(link.Columns)
            )
        );
}
