using System.Data.Common;
using Portability.DataMap;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// Empties references that the erasure order set aside to break a cycle, in the sealed rows that will lose them anyhow, before the rows
/// they point to go.
/// </summary>
internal sealed class Detacher : IAsyncDisposable
{
    private readonly RowShape shape;
    private readonly ForeignKey link;
    private readonly IReadOnlyList<string> names;
    private readonly DbCommand command;

    public Detacher(RowShape shape, ForeignKey link, SqlDialect dialect, DbConnection connection)
    {
        this.shape = shape;
        this.link = link;
        names = Sql.ValueNames(shape.SealedColumns.Count());
        var columns = link
            .Columns.Where(column =>
                shape.Dataset.Table.Find(column) is { Nullable: true, Generated: false }
                && !shape.Key.Contains(column, StringComparer.OrdinalIgnoreCase)
            )
            .ToList();
        var set = string.Join(", ", columns.Select(column => $"{dialect.Quote(column)} = NULL"));
        var isSet = string.Join(" AND ", link.Columns.Select(column => $"t.{dialect.Quote(column)} IS NOT NULL"));
        command = connection.Prepare(
            $"UPDATE {dialect.Table(shape.Dataset.Table.Name)} AS t SET {set} WHERE {shape.Match(dialect, "t")} AND {isSet}"
        );
    }

    public async Task ApplyAsync(
        DbTransaction transaction,
        IReadOnlyList<SealedRow> rows,
        CancellationToken cancellationToken
    )
    {
        command.Transaction = transaction;
        foreach (var row in rows.Where(row => !shape.StaysLinked(link, row.Fate)))
        {
            command.BindRow(row, names);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => command.DisposeAsync();
}
