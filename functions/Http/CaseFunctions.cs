using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Portability.Http.Calls;
using Portability.Http.Problems;
using Portability.Http.Views;
using Portability.Storage;
using Portability.Terminations;
using Portability.Workflow;

namespace Portability.Http;

/// <summary>Shows cases, lists them, and gives their audit stream.</summary>
public sealed class CaseFunctions(Access access, TerminationCases cases, CaseIndex index, CaseViews views)
{
    private const string EventCursor = "after:";

    [Function(nameof(ListTerminations))]
    public async Task<IResult> ListTerminations(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/terminations")] HttpRequest request
    )
    {
        await access.RequireAsync(request, Roles.Agent | Roles.Officer | Roles.System);
        var query = new QueryFields(request.Query);
        var filter = new CaseFilter
        {
            Phase = query.Choice<Phase>("phase"),
            CustomerId = query.Text("customerId"),
            NeedsAttention = query.Flag("attention"),
        };
        string? cursor = query.Text("cursor");
        int limit = query.Limit();
        query.Done();
        try
        {
            CasePage page = await index.ListAsync(filter, cursor, limit, request.HttpContext.RequestAborted);
            return new ApiAnswer(
                200,
                new PageView<ListedCaseView>([.. page.Cases.Select(CaseViews.Show)], page.Cursor)
            );
        }
        catch (FormatException)
        {
            throw UnknownCursor();
        }
    }

    [Function(nameof(GetTermination))]
    public async Task<IResult> GetTermination(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/terminations/{id}")] HttpRequest request,
        string id
    )
    {
        Identity who = await access.RequireAsync(
            request,
            Roles.Agent | Roles.Officer | Roles.System | Roles.Customer,
            id
        );
        CaseSnapshot found = await cases.LoadAsync(id, request.HttpContext.RequestAborted);
        return new ApiAnswer(200, await views.ShowAsync(found, who, request.HttpContext.RequestAborted))
        {
            Version = found.State.Version,
        };
    }

    [Function(nameof(ListEvents))]
    public async Task<IResult> ListEvents(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/terminations/{id}/events")]
            HttpRequest request,
        string id
    )
    {
        await access.RequireAsync(request, Roles.Agent | Roles.Officer, id);
        var query = new QueryFields(request.Query);
        long after = query.Text("cursor") is { } cursor ? SequenceOf(cursor) : 0;
        int limit = query.Limit();
        query.Done();
        CaseSnapshot found = await cases.LoadAsync(id, request.HttpContext.RequestAborted);
        EventView[] page = [.. found.Stream.Events.Where(e => e.Sequence > after).Take(limit).Select(Show)];
        bool more = page.Length > 0 && page[^1].Sequence < found.Stream.Version;
        return new ApiAnswer(200, new PageView<EventView>(page, more ? CursorAt(page[^1].Sequence) : null));
    }

    private static EventView Show(EventEnvelope e) =>
        new(e.Sequence, e.Name, e.EventId, e.At, e.Actor, JsonElement.Parse(e.Body), e.PreviousHash, e.Hash);

    private static string CursorAt(long sequence) =>
        System.Buffers.Text.Base64Url.EncodeToString(
            Encoding.ASCII.GetBytes(EventCursor + sequence.ToString(CultureInfo.InvariantCulture))
        );

    private static long SequenceOf(string cursor)
    {
        byte[] buffer = new byte[1024];
        if (
            System.Buffers.Text.Base64Url.IsValid(cursor)
            && System.Buffers.Text.Base64Url.TryDecodeFromChars(cursor, buffer, out int length)
            && Encoding.ASCII.GetString(buffer, 0, length) is { } text
            && text.StartsWith(EventCursor, StringComparison.Ordinal)
            && long.TryParse(
                text[EventCursor.Length..],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out long sequence
            )
        )
        {
            return sequence;
        }
        throw UnknownCursor();
    }

    private static ProblemException UnknownCursor() =>
        new(ApiProblems.Invalid("cursor", "is not a cursor that this list gave"));
}
