using System.Data.Common;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>Reads text columns of a table row by row and counts where probes stand in them.</summary>
internal sealed class TextScan(SqlDialect dialect, DbConnection connection, ProbeMatcher matcher)
{
    private readonly List<int> found = [];

    /// <summary>Counts the probes in rows of the table (alias t) that the condition lets by.</summary>
    /// <param name="table">The table.</param>
    /// <param name="where">Which rows.</param>
    /// <param name="hit">Told of each: column, probe, and whether it is all that the column holds.</param>
    /// <param name="parameters">Parameters of the condition.</param>
    /// <param name="cancellationToken">Ends the scan.</param>
    public async Task RunAsync(
        TableInfo table,
        string where,
        Action<string, int, bool> hit,
        IReadOnlyList<(string, object?)> parameters,
        CancellationToken cancellationToken
    )
    {
        var columns = table.Columns.Where(column => column.Kind is ColumnKind.Text or ColumnKind.Json).ToList();
        if (columns.Count == 0)
        {
            return;
        }
        await using var command = connection.Prepare(
            $"SELECT {dialect.Columns(columns.Select(column => column.Name), "t")} FROM {dialect.Table(table.Name)} t WHERE {where}",
            [.. parameters]
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            for (var i = 0; i < columns.Count; i++)
            {
                if (reader.Cell(i) is not string text)
                {
                    continue;
                }
                found.Clear();
                matcher.Find(text, found);
                foreach (var probe in found)
                {
                    hit(columns[i].Name, probe, matcher.IsWhole(text, probe));
                }
            }
        }
    }
}
