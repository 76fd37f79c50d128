using System.Runtime.CompilerServices;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Portability.Storage;

namespace Portability.Erasure;

/// <summary>
/// The table <c>ledger</c>: entries of all cases in one chain. An append is one transaction over the head, whose ETag makes it
/// atomic, the entry, and the row by which the run's entry is found. Nothing is ever changed or removed.
/// </summary>
internal sealed class LedgerTable(TableServiceClient tables, BlobServiceClient blobs)
{
    public const string Partition = "ledger";

    /// <summary>A handful of erasures end in a day: who loses this often has met something else than company.</summary>
    private const int Attempts = 50;

    private static readonly JsonSerializerOptions Json = new(RunStore.Json) { WriteIndented = false };

    private readonly TableClient table = tables.GetTableClient(StorageSetup.Ledger);
    private readonly EventBodies bodies = new(blobs);

    /// <summary>Where a run's entry stands, or null.</summary>
    public async Task<LedgerPlace?> FindAsync(ErasureRef run, CancellationToken cancellationToken)
    {
        var found = await GetAsync<LedgerRunRow>(LedgerRunRow.KeyOf(run), cancellationToken);
        return found is null ? null : await PlaceAsync(found.Number, cancellationToken);
    }

    /// <summary>Appends the entry of a run, unless one is there; whichever is stored is given back.</summary>
    public async Task<LedgerPlace> AppendAsync(
        LedgerEntry entry,
        LedgerMarks marks,
        CancellationToken cancellationToken
    )
    {
        await tables.CreateTableIfNotExistsAsync(StorageSetup.Ledger, cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            if (await FindAsync(entry.Ref, cancellationToken) is { } there)
            {
                return there;
            }
            var head = await GetAsync<LedgerHeadRow>(LedgerHeadRow.Key, cancellationToken);
            var row = await RowAsync(head, entry, marks, cancellationToken);
            var next = new LedgerHeadRow { Count = row.Number, LastHash = row.Hash };
            var run = new LedgerRunRow { RowKey = LedgerRunRow.KeyOf(entry.Ref), Number = row.Number };
            try
            {
                await table.SubmitTransactionAsync(
                    [
                        head is null
                            ? new(TableTransactionActionType.Add, next)
                            : new(TableTransactionActionType.UpdateReplace, next, head.ETag),
                        new(TableTransactionActionType.Add, row),
                        new(TableTransactionActionType.Add, run),
                    ],
                    cancellationToken
                );
                return new(row.Number, row.Hash);
            }
            catch (RequestFailedException taken) when (taken.Status is 409 or 412 && attempt < Attempts)
            {
                // Another run was faster, or this is one's own commit whose answer was lost: look again.
            }
        }
    }

    /// <summary>The head, or null where nothing was ever recorded.</summary>
    public Task<LedgerHeadRow?> HeadAsync(CancellationToken cancellationToken) =>
        GetAsync<LedgerHeadRow>(LedgerHeadRow.Key, cancellationToken);

    /// <summary>The number by which a run's entry is found, or null.</summary>
    public async Task<long?> NumberAsync(ErasureRef run, CancellationToken cancellationToken) =>
        (await GetAsync<LedgerRunRow>(LedgerRunRow.KeyOf(run), cancellationToken))?.Number;

    /// <summary>All rows as they are stored, in their order, none judged.</summary>
    public async IAsyncEnumerable<(LedgerEntryRow Row, string? Body)> RowsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {Partition} and RowKey ge {LedgerEntryRow.Prefix} and RowKey lt {LedgerEntryRow.End}"
        );
        var rows = table
            .QueryAsync<LedgerEntryRow>(filter, cancellationToken: cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        await using (rows)
        {
            while (await NextAsync(rows))
            {
                var row = rows.Current;
                yield return (
                    row,
                    row.Body ?? (row.BodyBlob is { } name ? await bodies.ReadAsync(name, cancellationToken) : null)
                );
            }
        }
    }

    public static LedgerEntry Parse(string body) => JsonSerializer.Deserialize<LedgerEntry>(body, Json)!;

    private async Task<LedgerEntryRow> RowAsync(
        LedgerHeadRow? head,
        LedgerEntry entry,
        LedgerMarks marks,
        CancellationToken cancellationToken
    )
    {
        var number = (head?.Count ?? 0) + 1;
        var body = JsonSerializer.Serialize(entry with { Number = number }, Json);
        var bytes = marks.ToBytes(entry.Datasets);
        var previous = head?.LastHash ?? LedgerChain.Origin;
        var isLong = body.Length > EventBodies.MaxInline;
        if (isLong)
        {
            await blobs
                .GetBlobContainerClient(StorageSetup.EventBodies)
                .CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        }
        return new()
        {
            RowKey = LedgerEntryRow.KeyOf(number),
            Number = number,
            PreviousHash = previous,
            Hash = LedgerChain.Hash(previous, number, body, bytes),
            Body = isLong ? null : body,
            BodyBlob = isLong ? await bodies.StoreAsync(body, cancellationToken) : null,
            Marks = bytes,
        };
    }

    private async Task<LedgerPlace> PlaceAsync(long number, CancellationToken cancellationToken) =>
        await GetAsync<LedgerEntryRow>(LedgerEntryRow.KeyOf(number), cancellationToken) is { } row
            ? new(number, row.Hash)
            : throw new LedgerBrokenException([$"entry {number} is missing"]);

    private static async Task<bool> NextAsync(IAsyncEnumerator<LedgerEntryRow> rows)
    {
        try
        {
            return await rows.MoveNextAsync();
        }
        catch (RequestFailedException absent) when (absent.Status == 404)
        {
            // No table: nothing was ever recorded.
            return false;
        }
    }

    private async Task<T?> GetAsync<T>(string key, CancellationToken cancellationToken)
        where T : class, ITableEntity
    {
        try
        {
            var row = await table.GetEntityIfExistsAsync<T>(Partition, key, cancellationToken: cancellationToken);
            return row.HasValue ? row.Value : null;
        }
        catch (RequestFailedException absent) when (absent.Status == 404)
        {
            return null;
        }
    }
}

/// <summary>The ledger was changed, or entries of it are gone; nothing is erased by it.</summary>
public sealed class LedgerBrokenException(IReadOnlyList<string> problems)
    : Exception($"The ledger is not as it was written: {string.Join("; ", problems)}. Restore its table from a backup.")
{
    /// <summary>Each as part of a sentence.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
