using System.Globalization;
using System.Text.Json;
using Portability.Storage;
using Portability.Terminations;

namespace Portability.Workflow;

/// <summary>A case as it stands: its folded state, and the stream it was folded from.</summary>
public sealed record CaseSnapshot(Termination State, CaseStream Stream)
{
    /// <summary>Everyone who acted on the case, in order of first appearance.</summary>
    public IReadOnlyList<string> Actors => [.. Stream.Events.Select(e => e.Actor).Distinct(StringComparer.Ordinal)];
}

/// <summary>What became of a command. The union is closed.</summary>
public abstract record CommandOutcome
{
    private CommandOutcome() { }

    /// <param name="Case">The case after it.</param>
    /// <param name="Events">What happened now; empty when it had already been done or committed.</param>
    public sealed record Accepted(CaseSnapshot Case, IReadOnlyList<TerminationEvent> Events) : CommandOutcome
    {
        /// <summary>A second person must decide before it takes effect.</summary>
        public bool AwaitsApproval => Events.Any(e => e is ApprovalRequested);
    }

    public sealed record Refused(Refusal Refusal, Termination State) : CommandOutcome;

    /// <summary>The caller acted on a version of the case that is no longer the latest.</summary>
    public sealed record Stale(long Version) : CommandOutcome;
}

/// <summary>The case does not exist.</summary>
public sealed class UnknownCaseException(string caseId) : Exception($"There is no case {caseId}.");

/// <summary>A step that <see cref="Lifecycle"/> names was refused by the decider: rules that disagree, to be looked at.</summary>
public sealed class StepRefusedException(string caseId, string command, Refusal refusal)
    : Exception($"Case {caseId}: {command} was refused ({refusal.Code}): {refusal.Detail}");

/// <summary>Loads, folds, decides and appends: the only way in which a case changes.</summary>
public sealed class TerminationCases(TerminationStore store, TimeProvider clock)
{
    /// <summary>Concurrent appenders are few (a person, the loop, one orchestration); each loss means another's success.</summary>
    private const int Attempts = 20;

    /// <exception cref="UnknownCaseException">Nothing is stored under that id.</exception>
    public async Task<CaseSnapshot> LoadAsync(string caseId, CancellationToken cancellation) =>
        await FindAsync(caseId, cancellation) ?? throw new UnknownCaseException(caseId);

    /// <summary>The case, or null where there is none.</summary>
    public async Task<CaseSnapshot?> FindAsync(string caseId, CancellationToken cancellation) =>
        await store.LoadAsync(caseId, cancellation) is { } stream ? new CaseSnapshot(stream.Fold(), stream) : null;

    /// <summary>Decides a person's command and appends what follows from it.</summary>
    /// <param name="caseId">The case; opened by the command where it is <see cref="OpenTermination"/>.</param>
    /// <param name="command">What is wanted.</param>
    /// <param name="cause">The idempotency key: a repeat finds its own commit and changes nothing.</param>
    /// <param name="personal">Side rows that the command's references point to.</param>
    /// <param name="expectedVersion">The version the caller acted on, where it said one.</param>
    /// <param name="cancellation">Ends the attempt; what was appended stands.</param>
    public async Task<CommandOutcome> ExecuteAsync(
        string caseId,
        TerminationCommand command,
        string cause,
        IReadOnlyList<PersonalRow> personal,
        long? expectedVersion,
        CancellationToken cancellation
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            CaseStream stream = await store.LoadAsync(caseId, cancellation) ?? CaseStream.Unopened(caseId);
            Termination state = stream.Fold();
            if (stream.Contains(EventIds.For(caseId, cause, 0)))
            {
                return new CommandOutcome.Accepted(new CaseSnapshot(state, stream), []);
            }
            if (expectedVersion is { } expected && expected != state.Version)
            {
                return new CommandOutcome.Stale(state.Version);
            }
            switch (TerminationDecider.Decide(state, command, clock.GetUtcNow()))
            {
                case Decision.Refused refused:
                    return new CommandOutcome.Refused(refused.Refusal, state);
                case Decision.Accepted { Events.Count: 0 }:
                    return new CommandOutcome.Accepted(new CaseSnapshot(state, stream), []);
                case Decision.Accepted accepted:
                    CaseStream? appended = await AppendAsync(
                        stream,
                        state,
                        accepted.Events,
                        cause,
                        personal,
                        cancellation
                    );
                    if (appended is not null)
                    {
                        return new CommandOutcome.Accepted(
                            new CaseSnapshot(appended.Fold(), appended),
                            accepted.Events
                        );
                    }
                    break;
            }
            if (attempt == Attempts)
            {
                throw new ConcurrentAppendException(caseId);
            }
        }
    }

    /// <summary>Records what the workflow did. A refusal here is a fault: rules and workflow disagree.</summary>
    /// <returns>The case after it.</returns>
    /// <exception cref="StepRefusedException">The decider refused.</exception>
    public async Task<Termination> ReportAsync(
        string caseId,
        TerminationCommand command,
        CancellationToken cancellation
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            CaseSnapshot found = await LoadAsync(caseId, cancellation);
            switch (TerminationDecider.Decide(found.State, command, clock.GetUtcNow()))
            {
                case Decision.Refused refused:
                    throw new StepRefusedException(caseId, command.GetType().Name, refused.Refusal);
                case Decision.Accepted { Events.Count: 0 }:
                    return found.State;
                case Decision.Accepted accepted:
                    string cause = CauseOf(command, found.State.Version);
                    CaseStream? appended = await AppendAsync(
                        found.Stream,
                        found.State,
                        accepted.Events,
                        cause,
                        personal: [],
                        cancellation
                    );
                    if (appended is not null)
                    {
                        return appended.Fold();
                    }
                    break;
            }
            if (attempt == Attempts)
            {
                throw new ConcurrentAppendException(caseId);
            }
        }
    }

    /// <summary>Records what the workflow did on the very case it looked at: when it has moved on, nothing is recorded.</summary>
    /// <returns>The case after it; null when it has moved on.</returns>
    /// <exception cref="StepRefusedException">The decider refused.</exception>
    public async Task<Termination?> TryReportAsync(
        CaseSnapshot at,
        TerminationCommand command,
        CancellationToken cancellation
    ) =>
        TerminationDecider.Decide(at.State, command, clock.GetUtcNow()) switch
        {
            Decision.Refused refused => throw new StepRefusedException(
                at.State.CaseId,
                command.GetType().Name,
                refused.Refusal
            ),
            Decision.Accepted { Events: { Count: > 0 } events } => (
                await AppendAsync(
                    at.Stream,
                    at.State,
                    events,
                    CauseOf(command, at.State.Version),
                    personal: [],
                    cancellation
                )
            )?.Fold(),
            _ => at.State,
        };

    /// <summary>Appends; null when someone else was first.</summary>
    private async Task<CaseStream?> AppendAsync(
        CaseStream stream,
        Termination state,
        IReadOnlyList<TerminationEvent> events,
        string cause,
        IReadOnlyList<PersonalRow> personal,
        CancellationToken cancellation
    )
    {
        Termination after = events.Aggregate(state, Termination.Evolve);
        AppendOutcome outcome = await store.AppendAsync(
            stream,
            NewEvent.Of(stream.CaseId, cause, events),
            personal,
            CaseSummary.Of(after, DueAt(after)),
            cancellation
        );
        return outcome switch
        {
            AppendOutcome.Appended done => done.Stream,
            AppendOutcome.AlreadyCommitted done => done.Stream,
            _ => null,
        };
    }

    /// <summary>
    /// The whole command, so that two steps at one version are not taken for each other; and the version, as the same
    /// step may rightly come again later.
    /// </summary>
    private static string CauseOf(TerminationCommand command, long version)
    {
        Type type = command.GetType();
        string body = JsonSerializer.Serialize(command, type, EventCodec.Json);
        return string.Create(CultureInfo.InvariantCulture, $"{type.Name}@{version}:{body}");
    }

    /// <summary>When the case's next step is due, for the sweep: null when it waits for a person or is done.</summary>
    private DateTimeOffset? DueAt(Termination state) =>
        Lifecycle.Next(state, clock.GetUtcNow()) switch
        {
            NextStep.Wait wait => wait.Until,
            NextStep.Done => null,
            _ => state.LastAt,
        };
}

/// <summary>Others kept appending to the case; nothing of this command was stored.</summary>
public sealed class ConcurrentAppendException(string caseId)
    : Exception($"Case {caseId} is being changed by others all the time; nothing was changed. Try again.");
