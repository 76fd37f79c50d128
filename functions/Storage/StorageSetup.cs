using Azure.Data.Tables;
using Azure.Storage.Blobs;

namespace Portability.Storage;

/// <summary>The tables and containers of the app's own storage; made once, at start-up.</summary>
public sealed class StorageSetup(TableServiceClient tables, BlobServiceClient blobs)
{
    /// <summary>Streams: one partition a case.</summary>
    public const string Terminations = "terminations";

    /// <summary>The list of cases, and the reservations of contracts.</summary>
    public const string Cases = "cases";

    /// <summary>What was answered under an idempotency key.</summary>
    public const string Idempotency = "idempotency";

    /// <summary>What was erased, for good.</summary>
    public const string Ledger = "ledger";

    /// <summary>How far each case's integration events are out.</summary>
    public const string Published = "published";

    /// <summary>Event bodies too long for a row.</summary>
    public const string EventBodies = "event-bodies";

    /// <summary>Creates what is missing; may be called by any number of hosts at once.</summary>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        foreach (string table in (string[])[Terminations, Cases, Idempotency, Ledger, Published])
        {
            await tables.CreateTableIfNotExistsAsync(table, cancellationToken);
        }
        await blobs.GetBlobContainerClient(EventBodies).CreateIfNotExistsAsync(cancellationToken: cancellationToken);
    }

    /// <summary>Asks both services for something small; throws when one does not answer.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await tables
            .GetTableClient(Terminations)
            .GetEntityIfExistsAsync<TableEntity>("health", "health", cancellationToken: cancellationToken);
        await blobs.GetBlobContainerClient(EventBodies).ExistsAsync(cancellationToken);
    }
}
