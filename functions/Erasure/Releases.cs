using Portability.DataMap;
using Portability.Sources;
using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>Which retained rows of a dataset this run must leave, and until when.</summary>
internal sealed class Releases(RunScope scope, ErasureOrder order, TenantDataMap map)
{
    private readonly RetentionCalendar calendar = new(order);

    /// <summary>Works out each date that occurs once and notes those whose rows stay, so that statements can ask for them.</summary>
    public async Task FillAsync(ScopedDataset dataset, CancellationToken cancellationToken)
    {
        if (dataset.Map.Erase is not EraseRule.Retain retain || order.HeldDatasets.Contains(dataset.Name))
        {
            return;
        }
        if (IsRetained(dataset, null, out _))
        {
            scope.WithoutDateRetained.Add(dataset.Name);
        }
        if (retain.Anchor is not { } anchor)
        {
            return;
        }
        var column = dataset.Table.Find(anchor);
        await scope.Connection.RunAsync(
            scope.Dialect.CreateTemporary(scope.Dates(dataset), [("c0", column, null)], 1),
            cancellationToken
        );
        var pages = scope.Dialect.ReadPagesAsync(
            scope.Connection,
            $"SELECT DISTINCT t.{scope.Dialect.Quote(anchor)} FROM {scope.Table(dataset)} t WHERE {scope.Member(dataset)}",
            [("@tenant", scope.Tenant)],
            cancellationToken
        );
        // There may be as many instants as rows, so they pass through in pages.
        await foreach (var page in pages)
        {
            var staying = page.OfType<object>().Where(date => IsRetained(dataset, date, out _)).ToList();
            await scope.Dialect.LoadAsync(
                scope.Connection,
                scope.Dialect.Temporary(scope.Dates(dataset)),
                1,
                new ValueFeed(staying),
                cancellationToken
            );
        }
    }

    /// <summary>Whether a row with this date stays in this run, and its release in Unix seconds.</summary>
    public bool IsRetained(ScopedDataset dataset, object? date, out long release)
    {
        var retain = (EraseRule.Retain)dataset.Map.Erase;
        var at = ReleaseOf(dataset, map.Retention[retain.Class], date);
        release = at.ToUnixTimeSeconds();
        var mayGo =
            order.Kind == ErasureKind.Full || order.Datasets.Count == 0 || order.Datasets.Contains(dataset.Name);
        return at > order.AsOf || !mayGo;
    }

    private DateTimeOffset ReleaseOf(ScopedDataset dataset, RetentionClass rule, object? anchor)
    {
        try
        {
            return calendar.ReleaseOf(rule, anchor);
        }
        catch (FormatException fault)
        {
            var column = ((EraseRule.Retain)dataset.Map.Erase).Anchor;
            throw new ErasureRefusedException(
                order.Ref,
                [
                    $"{dataset.Name}: the release of a retained row cannot be told, {fault.Message} (column '{column}'); correct the row or the anchor column",
                ]
            );
        }
    }

    private sealed class ValueFeed(List<object> values) : IRowFeed
    {
        private int next;

        public bool Next(ICellSink sink)
        {
            if (next == values.Count)
            {
                return false;
            }
            RowCursor.CopyObject(values[next++], sink);
            return true;
        }
    }
}
