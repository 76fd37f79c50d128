using System.Text;
using Azure;
using Azure.Data.Tables;
using Portability.Terminations;

namespace Portability.Storage;

/// <summary>Which cases to list; null leaves a property open.</summary>
public sealed record CaseFilter
{
    public static readonly CaseFilter All = new();

    public Phase? Phase { get; init; }
    public string? CustomerId { get; init; }
    public bool? NeedsAttention { get; init; }

    internal bool Accepts(CaseSummary summary) =>
        (Phase is null || Phase == summary.Phase)
        && (CustomerId is null || CustomerId == summary.CustomerId)
        && (NeedsAttention is null || NeedsAttention == summary.NeedsAttention);
}

/// <summary>A page of the list of cases.</summary>
/// <param name="Cases">In the order of their ids.</param>
/// <param name="Cursor">Where the next page begins; null at the end.</param>
public sealed record CasePage(IReadOnlyList<IndexedCase> Cases, string? Cursor);

/// <summary>
/// The list of cases: one partition of table <c>cases</c> with a copy of each head's summary. Before an append a mark is
/// written, after it the copy is brought up to date and the mark removed, in one transaction. A case with a mark is listed
/// from its head, never from the copy: so the list is right also when a host died between the two.
/// </summary>
public sealed class CaseIndex(TableServiceClient tables)
{
    public const int MaxLimit = 200;

    // Younger marks may belong to an append that is still going on.
    private static readonly TimeSpan MarkAge = TimeSpan.FromMinutes(15);

    private readonly TableClient table = tables.GetTableClient(StorageSetup.Cases);
    private readonly TableClient streams = tables.GetTableClient(StorageSetup.Terminations);

    /// <summary>One page of the cases that a filter accepts.</summary>
    /// <param name="cursor">From the page before; null for the first.</param>
    /// <param name="limit">1 to <see cref="MaxLimit"/>.</param>
    /// <exception cref="FormatException">The cursor is none of ours.</exception>
    public async Task<CasePage> ListAsync(
        CaseFilter filter,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxLimit);
        string after = cursor is null ? "" : ReadCursor(cursor);

        // Marks before copies: an append that settles in between has its copy up to date when that is read.
        SortedDictionary<string, HeadRow?> marked = await MarkedHeadsAsync(cancellationToken);
        var found = new SortedDictionary<string, IndexedCase>(StringComparer.Ordinal);
        foreach ((string caseId, HeadRow? head) in marked)
        {
            if (string.CompareOrdinal(caseId, after) > 0 && head?.ToSummary() is { } summary && filter.Accepts(summary))
            {
                found[caseId] = new IndexedCase(caseId, head.Version, summary);
            }
        }
        int unmarked = 0;
        await foreach (
            IndexRow row in table.QueryAsync<IndexRow>(
                Query(filter, after),
                limit + 1,
                cancellationToken: cancellationToken
            )
        )
        {
            if (!marked.ContainsKey(row.CaseId))
            {
                found[row.CaseId] = new IndexedCase(row.CaseId, row.Version, row.ToSummary());
                if (++unmarked > limit)
                {
                    break;
                }
            }
        }
        List<IndexedCase> page = [.. found.Values.Take(limit)];
        return new CasePage(page, found.Count > limit ? WriteCursor(page[^1].CaseId) : null);
    }

    /// <summary>All cases that a filter accepts, page by page.</summary>
    public async IAsyncEnumerable<IndexedCase> AllAsync(
        CaseFilter filter,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        string? cursor = null;
        do
        {
            CasePage page = await ListAsync(filter, cursor, MaxLimit, cancellationToken);
            foreach (IndexedCase listed in page.Cases)
            {
                yield return listed;
            }
            cursor = page.Cursor;
        } while (cursor is not null);
    }

    /// <summary>Settles the marks that appends have left behind. For the sweep.</summary>
    /// <returns>How many were settled.</returns>
    public Task<int> RepairAsync(CancellationToken cancellationToken) => RepairAsync(MarkAge, cancellationToken);

    internal async Task<int> RepairAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        int settled = 0;
        await foreach (Page<MarkRow> page in Marks(cancellationToken).AsPages())
        {
            // Both times are the storage service's: no clock of ours, virtual or wrong, comes into it.
            DateTimeOffset now = page.GetRawResponse().Headers.Date ?? default;
            foreach (MarkRow mark in page.Values.Where(mark => now - mark.Timestamp >= age))
            {
                HeadRow? head = await ReadHeadAsync(mark.CaseId, cancellationToken);
                await SettleAsync(mark.CaseId, mark.Mark, head, cancellationToken);
                settled++;
            }
        }
        return settled;
    }

    /// <summary>Says that a case is about to change.</summary>
    internal async Task<string> MarkAsync(string caseId, CancellationToken cancellationToken)
    {
        string mark = Guid.NewGuid().ToString("N");
        await table.UpsertEntityAsync(
            new MarkRow
            {
                RowKey = MarkRow.KeyOf(caseId, mark),
                CaseId = caseId,
                Mark = mark,
            },
            TableUpdateMode.Replace,
            cancellationToken
        );
        return mark;
    }

    /// <summary>Brings a case's copy up to its head, never back, and removes the mark.</summary>
    internal async Task SettleAsync(string caseId, string mark, HeadRow? head, CancellationToken cancellationToken)
    {
        var unmark = new MarkRow { RowKey = MarkRow.KeyOf(caseId, mark) };
        while (head is { IsVoid: false })
        {
            NullableResponse<IndexRow> copy = await table.GetEntityIfExistsAsync<IndexRow>(
                IndexRow.Partition,
                IndexRow.KeyOf(caseId),
                cancellationToken: cancellationToken
            );
            if (copy.HasValue && copy.Value!.Version >= head.Version)
            {
                break;
            }
            IndexRow next = IndexRow.Of(caseId, head);
            try
            {
                await table.SubmitTransactionAsync(
                    [
                        copy.HasValue
                            ? new(TableTransactionActionType.UpdateReplace, next, copy.Value!.ETag)
                            : new(TableTransactionActionType.Add, next),
                        new(TableTransactionActionType.Delete, unmark, ETag.All),
                    ],
                    cancellationToken
                );
                return;
            }
            catch (TableTransactionFailedException moved) when (moved.Status is 409 or 412)
            {
                // Another append settles the same case: look again who is further.
            }
            catch (TableTransactionFailedException unmarked) when (unmarked.Status == 404)
            {
                // The mark was settled by a repair, or by this call before its answer was lost: put it back, settle again.
                await table.UpsertEntityAsync(
                    new MarkRow
                    {
                        RowKey = unmark.RowKey,
                        CaseId = caseId,
                        Mark = mark,
                    },
                    TableUpdateMode.Replace,
                    cancellationToken
                );
            }
        }
        await table.DeleteEntityAsync(unmark.PartitionKey, unmark.RowKey, ETag.All, cancellationToken);
    }

    /// <summary>Takes a case off the list that is no more.</summary>
    internal async Task RemoveAsync(string caseId, CancellationToken cancellationToken) =>
        await table.DeleteEntityAsync(IndexRow.Partition, IndexRow.KeyOf(caseId), ETag.All, cancellationToken);

    private AsyncPageable<MarkRow> Marks(CancellationToken cancellationToken) =>
        table.QueryAsync<MarkRow>(
            TableClient.CreateQueryFilter(
                $"PartitionKey eq {IndexRow.Partition} and RowKey ge {MarkRow.Prefix} and RowKey lt {MarkRow.End}"
            ),
            cancellationToken: cancellationToken
        );

    private async Task<SortedDictionary<string, HeadRow?>> MarkedHeadsAsync(CancellationToken cancellationToken)
    {
        var heads = new SortedDictionary<string, HeadRow?>(StringComparer.Ordinal);
        await foreach (MarkRow mark in Marks(cancellationToken))
        {
            if (!heads.ContainsKey(mark.CaseId))
            {
                heads[mark.CaseId] = await ReadHeadAsync(mark.CaseId, cancellationToken);
            }
        }
        return heads;
    }

    private async Task<HeadRow?> ReadHeadAsync(string caseId, CancellationToken cancellationToken)
    {
        NullableResponse<HeadRow> head = await streams.GetEntityIfExistsAsync<HeadRow>(
            caseId,
            HeadRow.Key,
            cancellationToken: cancellationToken
        );
        return head.HasValue ? head.Value : null;
    }

    private static string Query(CaseFilter filter, string after)
    {
        var query = new StringBuilder(
            TableClient.CreateQueryFilter(
                $"PartitionKey eq {IndexRow.Partition} and RowKey gt {IndexRow.KeyOf(after)} and RowKey lt {IndexRow.End}"
            )
        );
        if (filter.Phase is { } phase)
        {
            query.Append(TableClient.CreateQueryFilter($" and Phase eq {phase.ToString()}"));
        }
        if (filter.CustomerId is { } customer)
        {
            query.Append(TableClient.CreateQueryFilter($" and CustomerId eq {customer}"));
        }
        if (filter.NeedsAttention is { } attention)
        {
            query.Append(TableClient.CreateQueryFilter($" and NeedsAttention eq {attention}"));
        }
        return query.ToString();
    }

    private static string WriteCursor(string caseId) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(caseId));

    private static string ReadCursor(string cursor)
    {
        string caseId = Encoding.UTF8.GetString(Convert.FromHexString(cursor));
        return CaseKey.IsValid(caseId) ? caseId : throw new FormatException("The cursor is none of this list.");
    }
}
