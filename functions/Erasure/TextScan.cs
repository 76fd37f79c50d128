using System.Data.Common;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>A table to be searched, and which of its rows (alias t).</summary>
internal sealed record ScannedTable(TableInfo Table, string Where, IReadOnlyList<(string, object?)> Parameters);

/// <summary>Told of a probe that was found.</summary>
/// <param name="table">The table.</param>
/// <param name="column">The column.</param>
/// <param name="probe">Number of the probe.</param>
/// <param name="isWhole">True when the column holds nothing else.</param>
internal delegate void ProbeHit(string table, string column, int probe, bool isWhole);

/// <summary>Reads text columns of a table row by row, in the order of its key, and tells where probes stand in them.</summary>
internal sealed class TextScan(SqlDialect dialect, DbConnection connection, ProbeMatcher matcher)
{
    private const int LookAtTheTime = 1023;
    private readonly List<int> found = [];

    /// <summary>
    /// Searches a table. Gives null when it is done, or the key of the last row searched when the time was over first; a table
    /// without a key is searched in one go.
    /// </summary>
    public async Task<IReadOnlyList<object?>?> RunAsync(
        ScannedTable scanned,
        IReadOnlyList<object?>? after,
        ProbeHit hit,
        Func<bool> isOutOfTime,
        CancellationToken cancellationToken
    )
    {
        var table = scanned.Table;
        var columns = table.Columns.Where(column => column.Kind is ColumnKind.Text or ColumnKind.Json).ToList();
        if (columns.Count == 0)
        {
            return null;
        }
        var key = table.PrimaryKey;
        List<(string, object?)> parameters =
        [
            .. scanned.Parameters,
            .. (after ?? []).Select((value, index) => ($"@after{index}", value)),
        ];
        await using var rows = await dialect.OpenRowsAsync(
            connection,
            Select(scanned, columns, after is not null),
            parameters,
            cancellationToken
        );
        var done = 0;
        while (await rows.ReadAsync(cancellationToken))
        {
            for (var i = 0; i < columns.Count; i++)
            {
                if (!rows.TryText(key.Count + i, out var text))
                {
                    continue;
                }
                found.Clear();
                matcher.Find(text, found);
                foreach (var probe in found)
                {
                    hit(table.Name, columns[i].Name, probe, matcher.IsWhole(probe));
                }
            }
            if ((++done & LookAtTheTime) == 0 && key.Count > 0 && isOutOfTime())
            {
                List<object?> last = [.. Enumerable.Range(0, key.Count).Select(rows.Value)];
                // Nothing comes after a null; SQLite lets a key be one.
                if (!last.Contains(null))
                {
                    return last;
                }
            }
        }
        return null;
    }

    private string Select(ScannedTable scanned, List<ColumnInfo> columns, bool goesOn)
    {
        var table = scanned.Table;
        var key = table.PrimaryKey.Select(column => $"t.{dialect.Quote(column)}").ToList();
        var texts = columns.Select(column => dialect.AsText($"t.{dialect.Quote(column.Name)}"));
        var order = key.Count > 0 ? $" ORDER BY {string.Join(", ", key)}" : "";
        var after = goesOn
            ? $" AND ({string.Join(", ", key)}) > ({string.Join(", ", table.PrimaryKey.Select((column, index) => dialect.Typed($"@after{index}", table.Find(column)!)))})"
            : "";
        return $"SELECT {string.Join(", ", key.Concat(texts))} FROM {dialect.Table(table.Name)} t WHERE ({scanned.Where}){after}{order}";
    }
}
