using System.Data.Common;
using Portability.DataMap;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// Rows anywhere that refer to a row which is not there. There are none as a rule, and one pass over each foreign key shows
/// it; only where there are some are they held against the sealed keys, because a neighbour's old orphans are not this run's.
/// </summary>
internal sealed class Orphans(ScopePlan scope, SqlDialect dialect, DbConnection connection, int number)
{
    private readonly List<string> tables = [];

    /// <summary>Gathers the keys that orphans refer to in the dataset's table; false when there are none.</summary>
    public async Task<bool> GatherAsync(ScopedDataset parent, CancellationToken cancellationToken)
    {
        var links = scope
            .Catalogue.Tables.Where(table => !table.IsView)
            .SelectMany(child => child.ForeignKeys.Select(link => (child, link)))
            .Where(pair =>
                string.Equals(pair.link.ReferencedTable, parent.Table.Name, StringComparison.OrdinalIgnoreCase)
                && pair.link.ReferencedColumns.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(parent.Key)
            );
        foreach (var (child, link) in links)
        {
            var name = FormattableString.Invariant($"orphans_{number}_{tables.Count}");
            var columns = parent.Key.Select(key => link.Columns[IndexOf(link.ReferencedColumns, key)]).ToList();
            IReadOnlyList<(string, ColumnInfo?, string?)> typed =
            [
                ("row", null, "INTEGER NOT NULL"),
                .. parent.Key.Select(
                    (key, index) =>
                        (FormattableString.Invariant($"c{index}"), (ColumnInfo?)parent.Table.Find(key), (string?)null)
                ),
            ];
            await connection.RunAsync(dialect.CreateTemporary(name, typed, 1), cancellationToken);
            var isSet = string.Join(" AND ", columns.Select(column => $"c.{dialect.Quote(column)} IS NOT NULL"));
            var found = await connection.RunAsync(
                $"""
                INSERT INTO {dialect.Temporary(name)} SELECT row_number() OVER (), {dialect.Columns(columns, "c")}
                FROM {dialect.Table(child.Name)} c WHERE {isSet} AND NOT EXISTS (
                  SELECT 1 FROM {dialect.Table(parent.Table.Name)} p WHERE {dialect.Pairwise(
                    "p",
                    parent.Key,
                    "c",
                    columns
                )})
                """,
                cancellationToken
            );
            if (found > 0)
            {
                tables.Add(dialect.Temporary(name));
            }
            else
            {
                await connection.RunAsync($"DROP TABLE {dialect.Temporary(name)}", cancellationToken);
            }
        }
        return tables.Count > 0;
    }

    /// <summary>How many orphans refer to rows of this batch that were to go.</summary>
    public async Task<long> CountAsync(RowTable batch, CancellationToken cancellationToken)
    {
        var count = 0L;
        foreach (var table in tables)
        {
            count += await connection.CountAsync(
                $"SELECT count(*) FROM {table} o JOIN {batch.Name} b ON b.{RowTable.Fate} = {(int)RowFate.Delete} AND {dialect.Pairwise("o", batch.KeyColumns, "b", batch.KeyColumns)}",
                cancellationToken
            );
        }
        return count;
    }

    private static int IndexOf(IReadOnlyList<string> columns, string column) =>
        Enumerable
            .Range(0, columns.Count)
            .First(index => string.Equals(columns[index], column, StringComparison.OrdinalIgnoreCase));
}
