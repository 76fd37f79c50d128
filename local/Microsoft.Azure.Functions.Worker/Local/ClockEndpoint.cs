using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Portability.Local;

/// <summary>
/// <c>GET /local/clock</c> shows the virtual time; <c>POST</c> with <c>advance</c> (an ISO 8601 duration) or <c>to</c>
/// (an RFC 3339 instant) moves it, and answers when all that is due by then has been done.
/// </summary>
internal sealed class ClockEndpoint(VirtualClock clock, IHostApplicationLifetime lifetime)
{
    private const string Route = "/local/clock";

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(Route, (RequestDelegate)(http => Show().ExecuteAsync(http)));
        endpoints.MapPost(Route, (RequestDelegate)MoveAsync);
    }

    private IResult Show() =>
        Results.Json(
            new Dictionary<string, object>
            {
                ["now"] = clock.GetUtcNow().UtcDateTime,
                ["realNow"] = TimeProvider.System.GetUtcNow().UtcDateTime,
                ["offsetSeconds"] = Math.Round(clock.Offset.TotalSeconds, 3),
            }
        );

    private async Task MoveAsync(HttpContext http)
    {
        IResult answer;
        try
        {
            DateTimeOffset target = Target(await ReadAsync(http));
            // A caller that hangs up does not leave the time half moved: only the host's end stops it.
            await clock.SettleAsync(target, lifetime.ApplicationStopping);
            answer = Show();
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            answer = Results.Problem(
                exception.Message,
                statusCode: StatusCodes.Status400BadRequest,
                title: "The clock cannot be moved so"
            );
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            answer = Results.Problem("The host is stopping.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
        await answer.ExecuteAsync(http);
    }

    private static async Task<JsonElement> ReadAsync(HttpContext http)
    {
        try
        {
            using JsonDocument document = await JsonDocument.ParseAsync(
                http.Request.Body,
                cancellationToken: http.RequestAborted
            );
            return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw new FormatException($"The body is not JSON: {exception.Message}", exception);
        }
    }

    private DateTimeOffset Target(JsonElement body)
    {
        string? advance = Text(body, "advance");
        string? to = Text(body, "to");
        switch (advance, to)
        {
            case (not null, null):
                IsoDuration duration =
                    IsoDuration.Parse(advance)
                    ?? throw new FormatException($"'{advance}' is no ISO 8601 duration such as P30D or PT12H.");
                return duration.AddTo(clock.GetUtcNow());
            case (null, not null):
                return Instant(to);
            default:
                throw new FormatException("Give either \"advance\", a duration, or \"to\", an instant.");
        }
    }

    private static DateTimeOffset Instant(string text)
    {
        // The offset is required: without it an instant would depend on the machine.
        string[] formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];
        bool zoned = text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-');
        return
            zoned
            && DateTimeOffset.TryParseExact(
                text,
                formats,
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out DateTimeOffset instant
            )
            ? instant
            : throw new FormatException($"'{text}' is no instant such as 2027-04-01T00:00:00Z.");
    }

    private static string? Text(JsonElement body, string name)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty(name, out JsonElement value))
        {
            return null;
        }
        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : throw new FormatException($"\"{name}\" is a string.");
    }
}
