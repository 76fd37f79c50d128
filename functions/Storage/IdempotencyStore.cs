using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;

namespace Portability.Storage;

/// <summary>Where an idempotency key counts: the same key of another caller, or for another call, is another one.</summary>
/// <param name="Identity">The caller.</param>
/// <param name="Route">Method and path, ids included.</param>
/// <param name="Key">The caller's key.</param>
public sealed record IdempotencyScope(string Identity, string Route, string Key);

/// <summary>What was answered: enough to build the same answer again, never a body and never personal data.</summary>
/// <param name="Status">A success of HTTP.</param>
/// <param name="Ids">Ids by name, such as <c>caseId</c> or <c>export</c>.</param>
public sealed record IdempotentAnswer(int Status, IReadOnlyDictionary<string, string> Ids);

/// <summary>What to do with a call that carries an idempotency key. The union is closed.</summary>
public abstract record IdempotencyOutcome
{
    private IdempotencyOutcome() { }

    /// <summary>
    /// Carry it out, then complete or abandon it. <paramref name="Again"/>: an earlier attempt never ended; what it
    /// committed is recognised by its event ids.
    /// </summary>
    public sealed record Begun(bool Again) : IdempotencyOutcome;

    /// <summary>It has been carried out: give the same answer.</summary>
    public sealed record Completed(IdempotentAnswer Answer) : IdempotencyOutcome;

    /// <summary>The key was used with another body: 422.</summary>
    public sealed record OtherBody : IdempotencyOutcome;

    /// <summary>Another attempt is going on right now: 409.</summary>
    public sealed record InProgress : IdempotencyOutcome;
}

/// <summary>Table <c>idempotency</c>: what was answered under a key. Scopes and keys are stored as hashes only.</summary>
public sealed class IdempotencyStore(TableServiceClient tables, TimeProvider clock)
{
    /// <summary>After this time an attempt that has not ended is taken to have died.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    /// <summary>How long a key is kept at least; it goes with the next look for old ones.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private static readonly TimeSpan LookEvery = TimeSpan.FromDays(30);

    private readonly TableClient table = tables.GetTableClient(StorageSetup.Idempotency);
    private DateTimeOffset? looked;

    /// <param name="scope">Whose key, for which call.</param>
    /// <param name="bodySha256">Hash of the request's body; see <see cref="BodyHash"/>.</param>
    /// <param name="cancellationToken">Ends the wait; the key may then be begun, until its lease is over.</param>
    public async Task<IdempotencyOutcome> BeginAsync(
        IdempotencyScope scope,
        string bodySha256,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            DateTimeOffset now = clock.GetUtcNow();
            IdempotencyRow? current = await ReadAsync(scope, cancellationToken);
            if (current is not null && current.BodySha256 != bodySha256)
            {
                return new IdempotencyOutcome.OtherBody();
            }
            if (current?.Answer() is { } answer)
            {
                return new IdempotencyOutcome.Completed(answer);
            }
            if (current is not null && now - current.BegunAt < Lease)
            {
                return new IdempotencyOutcome.InProgress();
            }
            var begun = new IdempotencyRow(scope) { BodySha256 = bodySha256, BegunAt = now };
            if (await WriteAsync(begun, current?.ETag, cancellationToken))
            {
                return new IdempotencyOutcome.Begun(Again: current is not null);
            }
        }
    }

    /// <summary>Remembers a success. Safe to repeat.</summary>
    public async Task CompleteAsync(
        IdempotencyScope scope,
        string bodySha256,
        IdempotentAnswer answer,
        CancellationToken cancellationToken
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(answer.Status, 200);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(answer.Status, 299);
        var row = new IdempotencyRow(scope)
        {
            BodySha256 = bodySha256,
            BegunAt = clock.GetUtcNow(),
            Status = answer.Status,
            Ids = JsonSerializer.Serialize(answer.Ids),
        };
        await table.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellationToken);
    }

    /// <summary>
    /// Ends an attempt of which nobody knows how far it came: its caller hung up, or something failed. The same call may be made again at
    /// once and finds what was committed; another body under this key is still refused, since it would be answered with that.
    /// </summary>
    public async Task ReleaseAsync(IdempotencyScope scope, string bodySha256, CancellationToken cancellationToken)
    {
        // An attempt that took over after this one's lease may have completed it meanwhile: its answer stands.
        if (await ReadAsync(scope, cancellationToken) is { Status: null } mine && mine.BodySha256 == bodySha256)
        {
            var row = new IdempotencyRow(scope) { BodySha256 = bodySha256, BegunAt = clock.GetUtcNow() - Lease };
            await WriteAsync(row, mine.ETag, cancellationToken);
        }
    }

    /// <summary>Forgets a call that was refused, so that another can be made under the same key: nothing was committed.</summary>
    public async Task AbandonAsync(IdempotencyScope scope, CancellationToken cancellationToken)
    {
        var row = new IdempotencyRow(scope);
        await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, cancellationToken);
    }

    /// <summary>
    /// Forgets old keys; for the sweep. A look reads the whole table, so there is one a month, and one after each start.
    /// </summary>
    public async Task<int> PurgeOldAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = clock.GetUtcNow();
        if (now - looked < LookEvery)
        {
            return 0;
        }
        int purged = await PurgeAsync(now - Kept, cancellationToken);
        looked = now;
        return purged;
    }

    /// <summary>Forgets keys that were last used before a time.</summary>
    public async Task<int> PurgeAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        int purged = 0;
        string filter = TableClient.CreateQueryFilter($"BegunAt lt {before}");
        await foreach (
            IdempotencyRow row in table.QueryAsync<IdempotencyRow>(filter, cancellationToken: cancellationToken)
        )
        {
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, cancellationToken);
            purged++;
        }
        return purged;
    }

    /// <summary>The hash by which bodies are compared.</summary>
    public static string BodyHash(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));

    private async Task<IdempotencyRow?> ReadAsync(IdempotencyScope scope, CancellationToken cancellationToken)
    {
        var key = new IdempotencyRow(scope);
        NullableResponse<IdempotencyRow> row = await table.GetEntityIfExistsAsync<IdempotencyRow>(
            key.PartitionKey,
            key.RowKey,
            cancellationToken: cancellationToken
        );
        return row.HasValue ? row.Value : null;
    }

    private async Task<bool> WriteAsync(IdempotencyRow row, ETag? ifMatch, CancellationToken cancellationToken)
    {
        try
        {
            await (
                ifMatch is { } etag
                    ? table.UpdateEntityAsync(row, etag, TableUpdateMode.Replace, cancellationToken)
                    : table.AddEntityAsync(row, cancellationToken)
            );
            return true;
        }
        catch (RequestFailedException moved)
            when (moved.Status is 404 or 409 or 412 && moved.ErrorCode != "TableNotFound")
        {
            return false;
        }
    }
}

/// <summary>Partition: hash of caller and call; row: hash of the key.</summary>
internal sealed class IdempotencyRow : ITableEntity
{
    public IdempotencyRow() { }

    public IdempotencyRow(IdempotencyScope scope)
    {
        PartitionKey = Hash($"{scope.Identity.Length}:{scope.Identity}{scope.Route}");
        RowKey = Hash(scope.Key);
    }

    public string PartitionKey { get; set; } = "";
    public string RowKey { get; set; } = "";
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    public string BodySha256 { get; set; } = "";
    public DateTimeOffset BegunAt { get; set; }

    /// <summary>Null while the call is going on.</summary>
    public int? Status { get; set; }
    public string? Ids { get; set; }

    public IdempotentAnswer? Answer() =>
        Status is { } status
            ? new IdempotentAnswer(status, JsonSerializer.Deserialize<Dictionary<string, string>>(Ids ?? "{}")!)
            : null;

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
