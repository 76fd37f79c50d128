using System.Globalization;
using System.Text;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging;
using Portability.Terminations;

namespace Portability.Storage;

/// <summary>
/// The event store: each case a partition of table <c>terminations</c>. An append is one entity group transaction over the
/// events, the rows that recognise them, the personal data beside them and the head, whose ETag makes it atomic.
/// </summary>
public sealed partial class TerminationStore(
    TableServiceClient tables,
    BlobServiceClient blobs,
    CaseIndex index,
    ILogger<TerminationStore> logger
)
{
    /// <summary>What one transaction of the table service holds.</summary>
    public const int MaxOperations = 100;

    // A fence is raised and cleared around each batch of an erasure; an append meets few of those in a row.
    private const int MaxFencesMet = 20;

    private readonly TableClient table = tables.GetTableClient(StorageSetup.Terminations);
    private readonly EventBodies bodies = new(blobs);

    /// <summary>
    /// Appends events after the given version, all or none. Safe to repeat: events whose cause has been committed before are
    /// recognised by the first one's id.
    /// </summary>
    /// <param name="at">The stream on which the events were decided; <see cref="CaseStream.Unopened"/> for a new case.</param>
    /// <param name="events">At least one, all of one cause; see <see cref="NewEvent.Of"/>.</param>
    /// <param name="personal">The side rows that these events point to.</param>
    /// <param name="summary">The case after these events.</param>
    /// <param name="cancellationToken">When it fires, the append may have been committed or not; repeat it to know.</param>
    /// <exception cref="ArgumentException">More than <see cref="MaxOperations"/> rows: decide on fewer events at a time.</exception>
    /// <exception cref="RequestFailedException">The service failed and the events were not found; repeat it to know.</exception>
    public async Task<AppendOutcome> AppendAsync(
        CaseStream at,
        IReadOnlyList<NewEvent> events,
        IReadOnlyList<PersonalRow> personal,
        CaseSummary summary,
        CancellationToken cancellationToken
    )
    {
        if (events.Count == 0)
        {
            throw new ArgumentException("An append has at least one event.", nameof(events));
        }
        int operations = (2 * events.Count) + personal.Count + 1;
        if (operations > MaxOperations)
        {
            throw new ArgumentException(
                $"{events.Count} events with {personal.Count} side rows take {operations} operations; one append has at most "
                    + $"{MaxOperations}, and is not split because it would no longer be atomic.",
                nameof(events)
            );
        }

        List<EventEnvelope> envelopes = Chain(at, events);
        List<TableTransactionAction> rows = await RowsAsync(at.CaseId, envelopes, personal, cancellationToken);
        string mark = await index.MarkAsync(at.CaseId, cancellationToken);
        AppendOutcome outcome = await CommitAsync(at, envelopes, rows, summary, cancellationToken);
        await SettleAsync(at.CaseId, mark, outcome, cancellationToken);
        return outcome;
    }

    /// <summary>A case's events, checked; null when there is no such case.</summary>
    /// <exception cref="CorruptStreamException">An event is missing or was changed.</exception>
    /// <exception cref="UnknownEventException">An event has a name that this version does not know.</exception>
    public async Task<CaseStream?> LoadAsync(string caseId, CancellationToken cancellationToken)
    {
        HeadRow? head = await ReadHeadAsync(caseId, cancellationToken);
        if (head is null || head.IsVoid)
        {
            return null;
        }

        // Rows never change: up to the head's version the partition is a snapshot, whatever is appended meanwhile.
        string filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {caseId} and RowKey ge {EventRow.Prefix} and RowKey le {EventRow.KeyOf(head.Version)}"
        );
        var events = new List<EventEnvelope>();
        string lastHash = EventChain.Origin;
        await foreach (EventRow row in table.QueryAsync<EventRow>(filter, cancellationToken: cancellationToken))
        {
            EventEnvelope envelope = await OpenAsync(caseId, row, events.Count + 1, lastHash, cancellationToken);
            events.Add(envelope);
            lastHash = envelope.Hash;
        }

        if (events.Count != head.Version)
        {
            throw new CorruptStreamException(
                caseId,
                events.Count + 1,
                $"it is missing, the head counts {head.Version}"
            );
        }
        return lastHash == head.LastHash
            ? new CaseStream(caseId, events, head)
            : throw new CorruptStreamException(caseId, events.Count, "the head names another last hash");
    }

    /// <summary>The summary of a case as its last append left it; null when there is no such case.</summary>
    public async Task<IndexedCase?> ReadSummaryAsync(string caseId, CancellationToken cancellationToken) =>
        await ReadHeadAsync(caseId, cancellationToken) is { IsVoid: false } head
            ? new IndexedCase(caseId, head.Version, head.ToSummary()!)
            : null;

    /// <summary>
    /// Makes sure that a case which has not been opened never will be: whoever is still about to open it meets a conflict.
    /// </summary>
    /// <returns>False when the case has been opened.</returns>
    internal async Task<bool> VoidAsync(string caseId, CancellationToken cancellationToken)
    {
        try
        {
            await table.AddEntityAsync(new HeadRow { PartitionKey = CaseKey.Checked(caseId) }, cancellationToken);
            return true;
        }
        catch (RequestFailedException there) when (there.Status == 409)
        {
            return await ReadHeadAsync(caseId, cancellationToken) is { IsVoid: true };
        }
    }

    /// <summary>Lets a case be opened again that was voided; for whoever has reserved its contract anew.</summary>
    internal async Task UnvoidAsync(string caseId, CancellationToken cancellationToken)
    {
        while (await ReadHeadAsync(caseId, cancellationToken) is { IsVoid: true } head)
        {
            try
            {
                await table.DeleteEntityAsync(caseId, HeadRow.Key, head.ETag, cancellationToken);
            }
            catch (RequestFailedException moved) when (moved.Status == 412)
            {
                // Taken away and voided again meanwhile: look again.
            }
        }
    }

    private async Task<AppendOutcome> CommitAsync(
        CaseStream at,
        List<EventEnvelope> envelopes,
        List<TableTransactionAction> rows,
        CaseSummary summary,
        CancellationToken cancellationToken
    )
    {
        HeadRow? current = at.Head;
        for (int fencesMet = 0; ; fencesMet++)
        {
            long version = at.Version + envelopes.Count;
            HeadRow next = HeadRow.Next(current, at.CaseId, version, envelopes[^1].Hash, summary);
            TableTransactionAction headAction = current is null
                ? new(TableTransactionActionType.Add, next)
                : new(TableTransactionActionType.UpdateReplace, next, current.ETag);
            try
            {
                // The head first: who comes second then fails on it alone, whatever else the service would check.
                Response<IReadOnlyList<Response>> answer = await table.SubmitTransactionAsync(
                    [headAction, .. rows],
                    cancellationToken
                );
                ETag etag = answer.Value[0].Headers.ETag ?? default;
                return new AppendOutcome.Appended(
                    new CaseStream(at.CaseId, [.. at.Events, .. envelopes], next.WithETag(etag))
                );
            }
            catch (Exception failure) when (MayBeCommitted(failure, cancellationToken))
            {
                if (await IsCommittedAsync(at.CaseId, envelopes[0].EventId, cancellationToken))
                {
                    return new AppendOutcome.AlreadyCommitted((await LoadAsync(at.CaseId, cancellationToken))!);
                }
                if (failure is not RequestFailedException { Status: 409 or 412 })
                {
                    throw;
                }
                HeadRow? now = await ReadHeadAsync(at.CaseId, cancellationToken);
                if (now is null || now.IsVoid || now.Version != at.Version)
                {
                    return new AppendOutcome.Conflict();
                }
                // The head is as it was, so the refusal has another cause; or only its fence has moved.
                if (now.ETag == current?.ETag || fencesMet == MaxFencesMet)
                {
                    throw;
                }
                current = now;
            }
        }
    }

    // A lost answer says nothing about the commit; and the client's own retry of a commit whose answer was lost meets itself.
    private static bool MayBeCommitted(Exception failure, CancellationToken cancellationToken) =>
        failure switch
        {
            RequestFailedException { Status: 0 or 408 or 409 or 412 or 429 or >= 500 } => true,
            AggregateException or IOException => true,
            OperationCanceledException => !cancellationToken.IsCancellationRequested,
            _ => false,
        };

    private async Task<bool> IsCommittedAsync(string caseId, string eventId, CancellationToken cancellationToken)
    {
        NullableResponse<EventIdRow> row = await table.GetEntityIfExistsAsync<EventIdRow>(
            caseId,
            EventIdRow.KeyOf(eventId),
            cancellationToken: cancellationToken
        );
        return row.HasValue;
    }

    private async Task SettleAsync(
        string caseId,
        string mark,
        AppendOutcome outcome,
        CancellationToken cancellationToken
    )
    {
        try
        {
            CaseStream? stream = outcome switch
            {
                AppendOutcome.Appended appended => appended.Stream,
                AppendOutcome.AlreadyCommitted committed => committed.Stream,
                _ => null,
            };
            await index.SettleAsync(caseId, mark, stream?.Head, cancellationToken);
        }
        catch (Exception failure)
            when (failure is RequestFailedException or AggregateException or IOException or OperationCanceledException)
        {
            // The events are stored, so this must not look like a failed append: the mark stays, by which the list of
            // cases knows to ask the head, until the sweep settles it.
            logger.LogWarning(failure, "The index entry of case {CaseId} is left to the sweep.", caseId);
        }
    }

    private async Task<HeadRow?> ReadHeadAsync(string caseId, CancellationToken cancellationToken)
    {
        if (!CaseKey.IsValid(caseId))
        {
            return null;
        }
        NullableResponse<HeadRow> head = await table.GetEntityIfExistsAsync<HeadRow>(
            caseId,
            HeadRow.Key,
            cancellationToken: cancellationToken
        );
        return head.HasValue ? head.Value : null;
    }

    private static List<EventEnvelope> Chain(CaseStream at, IReadOnlyList<NewEvent> events)
    {
        var envelopes = new List<EventEnvelope>(events.Count);
        string previous = at.LastHash;
        foreach ((string id, TerminationEvent e) in events)
        {
            (string name, byte[] encoded) = EventCodec.Encode(e);
            string body = Encoding.UTF8.GetString(encoded);
            long sequence = at.Version + envelopes.Count + 1;
            string hash = EventChain.Hash(previous, at.CaseId, sequence, name, id, Instant(e.At), e.Actor, body);
            envelopes.Add(
                new EventEnvelope(sequence, name, id, e.At.ToUniversalTime(), e.Actor, previous, hash, body, e)
            );
            previous = hash;
        }
        return envelopes;
    }

    private async Task<List<TableTransactionAction>> RowsAsync(
        string caseId,
        List<EventEnvelope> envelopes,
        IReadOnlyList<PersonalRow> personal,
        CancellationToken cancellationToken
    )
    {
        var rows = new List<TableTransactionAction>();
        int inline = personal.Sum(p => p.Json.Length);
        foreach (EventEnvelope e in envelopes)
        {
            bool fits =
                e.Body.Length <= EventBodies.MaxInline && inline + e.Body.Length <= EventBodies.MaxInlineOfTransaction;
            inline += fits ? e.Body.Length : 0;
            Add(
                new EventRow
                {
                    PartitionKey = caseId,
                    RowKey = EventRow.KeyOf(e.Sequence),
                    Sequence = e.Sequence,
                    Name = e.Name,
                    EventId = e.EventId,
                    At = Instant(e.At),
                    Actor = e.Actor,
                    PreviousHash = e.PreviousHash,
                    Hash = e.Hash,
                    Body = fits ? e.Body : null,
                    BodyBlob = fits ? null : await bodies.StoreAsync(e.Body, cancellationToken),
                }
            );
            Add(
                new EventIdRow
                {
                    PartitionKey = caseId,
                    RowKey = EventIdRow.KeyOf(e.EventId),
                    Sequence = e.Sequence,
                }
            );
        }
        foreach (PersonalRow p in personal)
        {
            Add(
                new PersonalDataRow
                {
                    PartitionKey = caseId,
                    RowKey = PersonalDataRow.KeyOf(p.Ref.Id),
                    Value = p.Json,
                    Salt = p.Salt,
                }
            );
        }
        return rows;

        void Add(ITableEntity row) => rows.Add(new(TableTransactionActionType.Add, row));
    }

    // What is stored is read back, hashed and decoded as it is; nothing is taken from memory.
    private async Task<EventEnvelope> OpenAsync(
        string caseId,
        EventRow row,
        long sequence,
        string previousHash,
        CancellationToken cancellationToken
    )
    {
        if (row.Sequence != sequence || row.RowKey != EventRow.KeyOf(sequence))
        {
            throw new CorruptStreamException(caseId, sequence, $"it is missing, the next one is {row.Sequence}");
        }
        if (row.PreviousHash != previousHash)
        {
            throw new CorruptStreamException(caseId, sequence, "it does not follow from the event before it");
        }
        string body =
            row.Body
            ?? (row.BodyBlob is null ? null : await bodies.ReadAsync(row.BodyBlob, cancellationToken))
            ?? throw new CorruptStreamException(caseId, sequence, "its body is missing");
        string hash = EventChain.Hash(previousHash, caseId, sequence, row.Name, row.EventId, row.At, row.Actor, body);
        return hash == row.Hash
            ? new EventEnvelope(
                sequence,
                row.Name,
                row.EventId,
                DateTimeOffset.Parse(row.At, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                row.Actor,
                previousHash,
                hash,
                body,
                EventCodec.Decode(row.Name, Encoding.UTF8.GetBytes(body))
            )
            : throw new CorruptStreamException(
                caseId,
                sequence,
                "it was changed: its hash does not agree with its content"
            );
    }

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
