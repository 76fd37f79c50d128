using Azure;
using Azure.Data.Tables;

namespace Portability.Storage;

/// <summary>What became of a reservation. The union is closed.</summary>
public abstract record ReservationOutcome
{
    private ReservationOutcome() { }

    /// <summary>The contract is this case's: open it, then confirm.</summary>
    public sealed record Reserved : ReservationOutcome;

    /// <summary>The contract has an open case.</summary>
    public sealed record Taken(string CaseId) : ReservationOutcome;
}

/// <summary>A reservation that was made and not confirmed.</summary>
public sealed record HalfMadeReservation(string ContractId, string CaseId, DateTimeOffset ReservedAt);

/// <summary>
/// One open case per contract: rows <c>contract|{id}</c> of table <c>cases</c>. A contract is reserved before its case is
/// opened and confirmed after; it is free again when its latest case has ended, which that case's head says, so nothing has
/// to be freed then. What a dying host leaves half made is completed or freed by the sweep.
/// </summary>
public sealed class Reservations(TableServiceClient tables, TerminationStore store)
{
    /// <summary>After this time whoever reserved a contract and did not open its case is taken to have died.</summary>
    public static readonly TimeSpan HalfMadeAge = TimeSpan.FromMinutes(10);

    private readonly TableClient table = tables.GetTableClient(StorageSetup.Cases);

    /// <summary>Reserves a contract for a case that is about to be opened. Safe to repeat.</summary>
    /// <param name="contractId">The contract.</param>
    /// <param name="caseId">A new case's id.</param>
    /// <param name="now">When.</param>
    /// <param name="cancellationToken">When it fires, the reservation may have been made or not; repeat it to know.</param>
    public async Task<ReservationOutcome> ReserveAsync(
        string contractId,
        string caseId,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        CaseKey.Checked(caseId);
        while (true)
        {
            ReservationRow? current = await ReadAsync(contractId, cancellationToken);
            if (current?.CaseId == caseId && current.Confirmed)
            {
                return new ReservationOutcome.Reserved();
            }
            if (current is not null && current.CaseId != caseId)
            {
                IndexedCase? holder = await store.ReadSummaryAsync(current.CaseId, cancellationToken);
                if (holder is null && now - current.ReservedAt >= HalfMadeAge)
                {
                    await FreeAsync(contractId, current.CaseId, cancellationToken);
                    continue;
                }
                if (holder is not { Summary.HasEnded: true })
                {
                    return new ReservationOutcome.Taken(current.CaseId);
                }
            }

            // One's own is reserved anew, so that an earlier attempt's age is not held against this one.
            var next = new ReservationRow
            {
                PartitionKey = ReservationRow.PartitionOf(contractId),
                ContractId = contractId,
                CaseId = caseId,
                PreviousCaseId = current?.CaseId == caseId ? current.PreviousCaseId : current?.CaseId,
                ReservedAt = now,
            };
            if (await WriteAsync(next, current?.ETag, cancellationToken))
            {
                // An earlier attempt under this id may have been given up and voided.
                await store.UnvoidAsync(caseId, cancellationToken);
                return new ReservationOutcome.Reserved();
            }
            // Another case was faster, or the answer to one's own write was lost: look again.
        }
    }

    /// <summary>Says that the case has been opened. Safe to repeat.</summary>
    public async Task ConfirmAsync(string contractId, string caseId, CancellationToken cancellationToken)
    {
        while (
            await ReadAsync(contractId, cancellationToken) is { Confirmed: false } current
            && current.CaseId == caseId
            && !await WriteAsync(current.Confirm(), current.ETag, cancellationToken)
        )
        {
            // It changed under way: look again whether there is anything left to confirm.
        }
    }

    /// <summary>
    /// Gives a contract back whose case could not be opened: whoever is still about to open it meets a conflict, until the
    /// contract is reserved for that case anew. A case that has been opened keeps its contract.
    /// </summary>
    /// <returns>False when the case has been opened.</returns>
    public Task<bool> FreeAsync(string contractId, string caseId, CancellationToken cancellationToken) =>
        FreeAsync(contractId, caseId, reservedAt: null, cancellationToken);

    private async Task<bool> FreeAsync(
        string contractId,
        string caseId,
        DateTimeOffset? reservedAt,
        CancellationToken cancellationToken
    )
    {
        while (
            await ReadAsync(contractId, cancellationToken) is { } current
            && current.CaseId == caseId
            && (reservedAt is null || current.ReservedAt == reservedAt)
        )
        {
            if (!await store.VoidAsync(caseId, cancellationToken))
            {
                return false;
            }
            if (await GiveBackAsync(current, cancellationToken))
            {
                return true;
            }
        }
        return true;
    }

    /// <summary>The contract's latest case, ended or not; null when it never had one that was opened.</summary>
    public async Task<IndexedCase?> LatestCaseAsync(string contractId, CancellationToken cancellationToken)
    {
        if (await ReadAsync(contractId, cancellationToken) is not { } current)
        {
            return null;
        }
        IndexedCase? latest = await store.ReadSummaryAsync(current.CaseId, cancellationToken);
        return latest is null && current.PreviousCaseId is { } previous
            ? await store.ReadSummaryAsync(previous, cancellationToken)
            : latest;
    }

    /// <summary>Reservations that were made before a time and are not confirmed.</summary>
    public async IAsyncEnumerable<HalfMadeReservation> HalfMadeAsync(
        DateTimeOffset reservedBefore,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        string filter = TableClient.CreateQueryFilter(
            $"PartitionKey ge {ReservationRow.Prefix} and PartitionKey lt {ReservationRow.End} and Confirmed eq {false}"
        );
        await foreach (
            ReservationRow row in table.QueryAsync<ReservationRow>(filter, cancellationToken: cancellationToken)
        )
        {
            if (row.ReservedAt < reservedBefore)
            {
                yield return new HalfMadeReservation(row.ContractId, row.CaseId, row.ReservedAt);
            }
        }
    }

    /// <summary>Completes a half-made reservation whose case was opened, frees the other kind. For the sweep.</summary>
    /// <returns>True when the case was opened and keeps the contract.</returns>
    public async Task<bool> SettleAsync(HalfMadeReservation halfMade, CancellationToken cancellationToken)
    {
        // Reserved anew since, it is not half made any more but being made.
        if (await FreeAsync(halfMade.ContractId, halfMade.CaseId, halfMade.ReservedAt, cancellationToken))
        {
            return false;
        }
        await ConfirmAsync(halfMade.ContractId, halfMade.CaseId, cancellationToken);
        return true;
    }

    // The contract goes back to the ended case before, if there was one, so that it is still found as the latest.
    private async Task<bool> GiveBackAsync(ReservationRow row, CancellationToken cancellationToken)
    {
        if (row.PreviousCaseId is not null)
        {
            return await WriteAsync(row.BackToPrevious(), row.ETag, cancellationToken);
        }
        try
        {
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, row.ETag, cancellationToken);
            return true;
        }
        catch (RequestFailedException moved) when (moved.Status == 412)
        {
            return false;
        }
    }

    private async Task<bool> WriteAsync(ReservationRow row, ETag? ifMatch, CancellationToken cancellationToken)
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

    private async Task<ReservationRow?> ReadAsync(string contractId, CancellationToken cancellationToken)
    {
        NullableResponse<ReservationRow> row = await table.GetEntityIfExistsAsync<ReservationRow>(
            ReservationRow.PartitionOf(contractId),
            ReservationRow.Key,
            cancellationToken: cancellationToken
        );
        return row.HasValue ? row.Value : null;
    }
}

/// <summary>Row <c>reservation</c> of partition <c>contract|{id}</c>.</summary>
internal sealed class ReservationRow : ITableEntity
{
    public const string Prefix = "contract|";

    /// <summary>Sorts after every partition that begins with <see cref="Prefix"/>.</summary>
    public const string End = "contract}";
    public const string Key = "reservation";

    public string PartitionKey { get; set; } = "";
    public string RowKey { get; set; } = Key;
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    public string ContractId { get; set; } = "";
    public string CaseId { get; set; } = "";

    /// <summary>The contract's case before this one, ended.</summary>
    public string? PreviousCaseId { get; set; }
    public DateTimeOffset ReservedAt { get; set; }
    public bool Confirmed { get; set; }

    public static string PartitionOf(string contractId) => Prefix + CaseKey.Escape(contractId);

    public ReservationRow Confirm()
    {
        var copy = (ReservationRow)MemberwiseClone();
        copy.Confirmed = true;
        return copy;
    }

    public ReservationRow BackToPrevious()
    {
        var copy = (ReservationRow)MemberwiseClone();
        (copy.CaseId, copy.PreviousCaseId, copy.Confirmed) = (PreviousCaseId!, null, true);
        return copy;
    }
}
