using System.Data.Common;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// Empties references that the erasure order set aside to break a cycle, in the sealed rows that will lose them anyhow, before the rows
/// they point to go.
/// </summary>
internal sealed class Detacher : IAsyncDisposable
{
    private readonly RowTable batch;
    private readonly DbCommand command;

    public Detacher(RowTable batch, ForeignKey link, SqlDialect dialect, DbConnection connection)
    {
        this.batch = batch;
        var shape = batch.Shape;
        var columns = link.Columns.Where(column =>
            shape.Dataset.Table.Find(column) is { Nullable: true, Generated: false }
            && !shape.Key.Contains(column, StringComparer.OrdinalIgnoreCase)
        );
        var set = string.Join(", ", columns.Select(column => $"{dialect.Quote(column)} = NULL"));
        var isSet = string.Join(" AND ", link.Columns.Select(column => $"t.{dialect.Quote(column)} IS NOT NULL"));
        var fates = Enum.GetValues<RowFate>().Where(fate => !shape.StaysLinked(link, fate)).Select(fate => (int)fate);
        var chosen = batch.LiveKeys($"b.{RowTable.Fate} IN ({string.Join(", ", fates)}) AND {isSet}");
        command = connection.Prepare(
            $"UPDATE {dialect.Table(shape.Dataset.Table.Name)} SET {set} WHERE {dialect.Tuple(shape.Key)} IN ({chosen})"
        );
    }

    public async Task ApplyAsync(DbTransaction transaction, SealedRows rows, CancellationToken cancellationToken)
    {
        await batch.FillAsync(transaction, rows, cancellationToken);
        command.Transaction = transaction;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => command.DisposeAsync();
}
