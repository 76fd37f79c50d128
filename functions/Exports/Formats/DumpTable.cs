using System.Text;
using Portability.DataMap;
using Portability.Sources;

namespace Portability.Exports.Formats;

/// <summary>A table as a SQL dump holds it.</summary>
/// <param name="Dataset">Whose rows.</param>
/// <param name="LeftOut">References that the dump cannot keep, because rows referred to are not in it; with the reason.</param>
internal sealed record DumpTable(ScopedDataset Dataset, IReadOnlyList<(ForeignKey Reference, string Reason)> LeftOut)
{
    private TableInfo Table => Dataset.Table;

    /// <summary>
    /// True when the source's own definition stands as it is. It does unless columns or references are missing; then
    /// a definition is made from the catalogue.
    /// </summary>
    private bool Verbatim => LeftOut.Count == 0 && Dataset.ExportColumns.Count == Table.Columns.Count;

    /// <summary>Columns that are written: generated ones are computed again by a verbatim definition.</summary>
    public IReadOnlyList<ColumnInfo> Columns =>
        [.. Dataset.ExportColumns.Where(column => !(Verbatim && column.Generated))];

    /// <summary>CREATE TABLE, with a comment for everything that is not as in the source.</summary>
    public string Definition()
    {
        if (Verbatim)
        {
            return Table.Definition.TrimEnd().TrimEnd(';') + ";\n";
        }

        var text = new StringBuilder();
        foreach (var column in Table.Columns.Where(column => !IsKept(column.Name)))
        {
            text.Append("-- Column left out: ").Append(OneLine(column.Name)).Append('\n');
        }

        foreach (var (reference, reason) in LeftOut)
        {
            text.Append("-- Reference left out: ").Append(OneLine($"{reference}: {reason}")).Append('\n');
        }

        var lines = Table.Columns.Where(column => IsKept(column.Name)).Select(ColumnLine).Concat(Constraints());
        return text.Append("CREATE TABLE ")
            .Append(SqlText.Quote(Table.Name))
            .Append(" (\n  ")
            .AppendJoin(",\n  ", lines)
            .Append("\n);\n")
            .ToString();
    }

    /// <summary>
    /// Indexes, to be made after the rows. Triggers stay behind: they would act on tables that a dump of one customer's
    /// rows need not have.
    /// </summary>
    public IEnumerable<string> Indexes() =>
        Verbatim
            ? Table
                .Companions.Where(text => text.TrimStart().StartsWith("CREATE", StringComparison.OrdinalIgnoreCase))
                .Where(text => !text.TrimStart().StartsWith("CREATE TRIGGER", StringComparison.OrdinalIgnoreCase))
                .Select(text => text.TrimEnd().TrimEnd(';') + ";\n")
            : [];

    private IEnumerable<string> Constraints()
    {
        if (Table.PrimaryKey.Count > 0 && Table.PrimaryKey.All(IsKept))
        {
            yield return $"PRIMARY KEY ({Names(Table.PrimaryKey)})";
        }

        foreach (var unique in Table.UniqueKeys.Where(key => key.All(IsKept) && !key.SequenceEqual(Table.PrimaryKey)))
        {
            yield return $"UNIQUE ({Names(unique)})";
        }

        foreach (var reference in Kept())
        {
            yield return $"FOREIGN KEY ({Names(reference.Columns)}) REFERENCES {SqlText.Quote(reference.ReferencedTable)} "
                + $"({Names(reference.ReferencedColumns)}) ON DELETE {reference.OnDelete}";
        }
    }

    private IEnumerable<ForeignKey> Kept() =>
        Table.ForeignKeys.Where(reference =>
            reference.Enforced && reference.Columns.All(IsKept) && LeftOut.All(left => left.Reference != reference)
        );

    private bool IsKept(string column) =>
        Dataset.ExportColumns.Any(kept => string.Equals(kept.Name, column, StringComparison.OrdinalIgnoreCase));

    private static string ColumnLine(ColumnInfo column) =>
        $"{SqlText.Quote(column.Name)} {column.DeclaredType}".TrimEnd() + (column.Nullable ? "" : " NOT NULL");

    private static string Names(IEnumerable<string> columns) => string.Join(", ", columns.Select(SqlText.Quote));

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
