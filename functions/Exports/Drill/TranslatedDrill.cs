using Portability.DataMap;
using Portability.Exports.Formats;
using Portability.Sources;

namespace Portability.Exports.Drill;

/// <summary>
/// A PostgreSQL dump in SQLite, where no PostgreSQL may be used for drills: its rows are read and counted and its references are checked;
/// its definitions are not run.
/// </summary>
internal sealed class TranslatedDrill(ScopePlan scope, SqlDialect dialect, string? scratch) : SqliteDrill(scratch)
{
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);
    private readonly List<(TableInfo Table, ForeignKey Reference)> _references = [];

    public override string Engine => "sqlite, rows and references only";

    public override Task RunAsync(string statement, CancellationToken cancellationToken)
    {
        var text = statement.TrimStart();
        if (text is "BEGIN" or "COMMIT")
        {
            Execute(text);
        }
        else if (text.StartsWith("INSERT INTO ", StringComparison.Ordinal))
        {
            Insert(text);
        }
        else if (text.StartsWith("ALTER TABLE ", StringComparison.Ordinal))
        {
            _references.AddRange(
                scope
                    .Datasets.SelectMany(dataset =>
                        dataset.Table.ForeignKeys.Select(link => (dataset.Table, Link: link))
                    )
                    .Where(pair => text == $"ALTER TABLE {dialect.Table(pair.Table.Name)} ADD {pair.Link.Definition}")
            );
        }

        return Task.CompletedTask;
    }

    protected override long Orphans() =>
        _references.Sum(pair =>
        {
            var (table, reference) = pair;
            if (!_made.Contains(table.Name))
            {
                return 0;
            }

            var set = string.Join(
                " AND ",
                reference.Columns.Select(column => $"c.{SqlText.Quote(column)} IS NOT NULL")
            );
            if (!_made.Contains(reference.ReferencedTable))
            {
                return Scalar($"SELECT count(*) FROM {SqlText.Quote(table.Name)} c WHERE {set}");
            }

            var same = dialect.Pairwise("p", reference.ReferencedColumns, "c", reference.Columns);
            return Scalar(
                $"SELECT count(*) FROM {SqlText.Quote(table.Name)} c LEFT JOIN {SqlText.Quote(reference.ReferencedTable)} p ON {same} "
                    + $"WHERE {set} AND p.{SqlText.Quote(reference.ReferencedColumns[0])} IS NULL"
            );
        });

    private void Insert(string text)
    {
        const string Into = "INSERT INTO ";
        var table = scope.Datasets.First(dataset =>
            text.AsSpan(Into.Length).StartsWith(dialect.Table(dataset.Table.Name) + " (", StringComparison.Ordinal)
        );
        var name = SqlText.Quote(table.Table.Name);
        var rest = text[(Into.Length + dialect.Table(table.Table.Name).Length)..];
        if (_made.Add(table.Table.Name))
        {
            Execute($"CREATE TABLE {name} {rest[..rest.IndexOf(") VALUES", StringComparison.Ordinal)]})");
        }

        Execute($"{Into}{name}{rest}");
    }
}
