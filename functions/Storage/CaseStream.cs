using Azure;
using Portability.Terminations;

namespace Portability.Storage;

/// <summary>An event that is to be appended; its time and actor are the event's own.</summary>
/// <param name="EventId">From <see cref="EventIds.For"/>: the same for every attempt.</param>
/// <param name="Event">What happened.</param>
public sealed record NewEvent(string EventId, TerminationEvent Event)
{
    /// <summary>The events that one cause brings about, in order, with their ids.</summary>
    public static IReadOnlyList<NewEvent> Of(string caseId, string cause, IEnumerable<TerminationEvent> events) =>
        [.. events.Select((e, index) => new NewEvent(EventIds.For(caseId, cause, index), e))];
}

/// <summary>An event as it is stored, with its place in the chain.</summary>
/// <param name="Sequence">1 for the first.</param>
/// <param name="Name">Stable name with version, <c>notice-given.v1</c>.</param>
/// <param name="At">UTC.</param>
/// <param name="PreviousHash">The predecessor's hash; 64 zeros for the first.</param>
/// <param name="Hash">See <see cref="EventChain"/>.</param>
/// <param name="Body">The stored JSON.</param>
/// <param name="Event">The body decoded.</param>
public sealed record EventEnvelope(
    long Sequence,
    string Name,
    string EventId,
    DateTimeOffset At,
    string Actor,
    string PreviousHash,
    string Hash,
    string Body,
    TerminationEvent Event
);

/// <summary>A case's events up to a version, checked, and what an append needs to know of the place it appends to.</summary>
public sealed class CaseStream
{
    internal CaseStream(string caseId, IReadOnlyList<EventEnvelope> events, HeadRow? head)
    {
        CaseId = caseId;
        Events = events;
        Head = head;
    }

    /// <summary>A case of which nothing is stored yet: where its first events are appended.</summary>
    public static CaseStream Unopened(string caseId) => new(CaseKey.Checked(caseId), [], head: null);

    public string CaseId { get; }

    /// <summary>All events, in order, without a gap.</summary>
    public IReadOnlyList<EventEnvelope> Events { get; }

    /// <summary>How many events there are.</summary>
    public long Version => Events.Count;

    /// <summary>The head row's version tag; changes with every append and every fence.</summary>
    public ETag ETag => Head?.ETag ?? default;

    /// <summary>The summary that the last append wrote; null while nothing is stored.</summary>
    public CaseSummary? Summary => Head?.ToSummary();

    /// <summary>Hash of the last event.</summary>
    public string LastHash => Events.Count == 0 ? EventChain.Origin : Events[^1].Hash;

    /// <summary>Whether an event of this id is among these.</summary>
    public bool Contains(string eventId) => Events.Any(e => e.EventId == eventId);

    /// <summary>The case, folded from its events.</summary>
    public Termination Fold() =>
        Events.Aggregate(Termination.Unopened, (state, e) => Termination.Evolve(state, e.Event));

    internal HeadRow? Head { get; }
}

/// <summary>What became of an append. The union is closed.</summary>
public abstract record AppendOutcome
{
    private AppendOutcome() { }

    /// <summary>The events are stored; the stream has them at its end.</summary>
    public sealed record Appended(CaseStream Stream) : AppendOutcome;

    /// <summary>The cause of these events has already been committed, by this attempt or an earlier one; the stream is as it is now.</summary>
    public sealed record AlreadyCommitted(CaseStream Stream) : AppendOutcome;

    /// <summary>Someone else was first and nothing was stored: load again and decide again.</summary>
    public sealed record Conflict : AppendOutcome;
}

/// <summary>A case's stored events contradict themselves or their hashes; nothing may be decided on them.</summary>
public sealed class CorruptStreamException(string caseId, long sequence, string what)
    : Exception(
        $"Case {caseId}, event {sequence}: {what}. Run `./portability audit verify` and restore the row from a backup."
    )
{
    public string CaseId { get; } = caseId;

    /// <summary>The first event that is wrong, or missing.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>What is wrong with it.</summary>
    public string What { get; } = what;
}
