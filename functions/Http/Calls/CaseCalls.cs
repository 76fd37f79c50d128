using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Portability.Http.Parsing;
using Portability.Http.Problems;
using Portability.Http.Views;
using Portability.Storage;
using Portability.Terminations;
using Portability.Workflow;

namespace Portability.Http.Calls;

/// <summary>A call that changes a case, let in and read.</summary>
/// <param name="Request">For its headers.</param>
/// <param name="Who">The caller.</param>
/// <param name="Body">What was sent.</param>
/// <param name="CaseId">The case.</param>
/// <param name="Durable">Reaches the case's orchestration.</param>
public sealed record CaseCall(
    HttpRequest Request,
    Identity Who,
    JsonBody Body,
    string CaseId,
    DurableTaskClient Durable
)
{
    public CancellationToken Cancellation => Request.HttpContext.RequestAborted;
}

/// <summary>Carries out commands on cases: decide and append at once, then nudge, then show the case.</summary>
public sealed class CaseCalls(
    TerminationCases cases,
    IdempotentCalls idempotent,
    CaseViews views,
    ILogger<CaseCalls> logger
)
{
    public const string Root = "/api/v1/terminations";

    /// <summary>Carries out a command and answers with the case.</summary>
    /// <param name="call">The call.</param>
    /// <param name="command">What is wanted; the actor is filled in.</param>
    /// <param name="personal">Side rows that the command points to.</param>
    /// <param name="status">Status of success, where it depends on what came of it.</param>
    public async Task<IResult> ExecuteAsync(
        CaseCall call,
        TerminationCommand command,
        IReadOnlyList<PersonalRow>? personal = null,
        Func<CommandOutcome.Accepted, int>? status = null
    )
    {
        IdempotentAnswer answer = await idempotent.RunAsync(
            call.Request,
            call.Who,
            call.Body,
            async cause =>
            {
                CommandOutcome.Accepted done = await ApplyAsync(call, command, cause, personal);
                return Remember(status?.Invoke(done) ?? StatusCodes.Status200OK);
            }
        );
        return await ShowAsync(call, answer.Status);
    }

    /// <summary>The same for a command whose answer is about something it made.</summary>
    /// <param name="call">The call.</param>
    /// <param name="act">Does it and says what to remember: ids only.</param>
    public Task<IdempotentAnswer> RunAsync(CaseCall call, Func<string, Task<IdempotentAnswer>> act) =>
        idempotent.RunAsync(call.Request, call.Who, call.Body, act);

    /// <summary>Decides, appends and nudges.</summary>
    /// <exception cref="ProblemException">Refused, stale, or no such case.</exception>
    public async Task<CommandOutcome.Accepted> ApplyAsync(
        CaseCall call,
        TerminationCommand command,
        string cause,
        IReadOnlyList<PersonalRow>? personal = null
    )
    {
        CommandOutcome outcome = await cases.ExecuteAsync(
            call.CaseId,
            command with
            {
                Actor = call.Who.Actor,
            },
            cause,
            personal ?? [],
            RequestHeaders.VersionOf(call.Request),
            call.Cancellation
        );
        CommandOutcome.Accepted accepted = AcceptedOr(outcome);
        // The append stands whatever becomes of the caller, so the nudge does not stop with the request.
        await new CaseOrchestrations(call.Durable, logger).NudgeAsync(
            call.CaseId,
            accepted.Case.State.Version,
            CancellationToken.None
        );
        return accepted;
    }

    /// <summary>Reads the body of a call by its members.</summary>
    public static async Task<(CaseCall Call, T Read)> ReadAsync<T>(
        HttpRequest request,
        Identity who,
        string caseId,
        DurableTaskClient durable,
        Func<JsonFields, T> read
    )
    {
        JsonBody body = await JsonBody.ReadAsync(request);
        JsonFields fields = body.Fields;
        T members = read(fields);
        fields.Done();
        return (new CaseCall(request, who, body, caseId, durable), members);
    }

    /// <summary>The acceptance, or the problem that an outcome is.</summary>
    public static CommandOutcome.Accepted AcceptedOr(CommandOutcome outcome) =>
        outcome switch
        {
            CommandOutcome.Accepted accepted => accepted,
            CommandOutcome.Refused { Refusal: var refusal } => throw new ProblemException(ApiProblems.Of(refusal)),
            CommandOutcome.Stale stale => throw new ProblemException(
                ApiProblems.StaleVersion(ApiAnswer.TagOf(stale.Version))
            ),
            _ => throw new InvalidOperationException($"No answer for {outcome.GetType().Name}."),
        };

    public static IdempotentAnswer Remember(int status, params (string Name, string Id)[] ids) =>
        new(status, ids.ToDictionary(id => id.Name, id => id.Id, StringComparer.Ordinal));

    /// <summary>The case as it is now.</summary>
    public async Task<IResult> ShowAsync(CaseCall call, int status)
    {
        CaseSnapshot found = await cases.LoadAsync(call.CaseId, call.Cancellation);
        return new ApiAnswer(status, await views.ShowAsync(found, call.Who, call.Cancellation))
        {
            Version = found.State.Version,
            Location = status == StatusCodes.Status201Created ? $"{Root}/{call.CaseId}" : null,
        };
    }

    /// <summary>The event of a kind that a cause brought about, now or in an earlier attempt.</summary>
    public static T CausedBy<T>(CommandOutcome.Accepted done, string cause)
        where T : TerminationEvent
    {
        CaseStream stream = done.Case.Stream;
        HashSet<string> ids = [.. Enumerable.Range(0, 8).Select(index => EventIds.For(stream.CaseId, cause, index))];
        return stream.Events.Where(e => ids.Contains(e.EventId)).Select(e => e.Event).OfType<T>().Single();
    }
}
