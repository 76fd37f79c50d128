using System.Text.Json.Nodes;

namespace Portability.Demo.Tour;

/// <summary>Follows a case's audit stream: each event is shown once, in the order of the stream.</summary>
internal sealed class AuditTrail(PortalClient portal, string token, string caseId, TourScreen screen, Mailbox mailbox)
{
    private readonly List<JsonNode> events = [];

    /// <summary>All events seen so far.</summary>
    public IReadOnlyList<JsonNode> Events => events;

    /// <summary>Short names of all events seen so far.</summary>
    public IEnumerable<string> Names => events.Select(NameOf).Select(EventWords.ShortName);

    /// <summary>Reads the stream from where the last call ended, and shows what is new, and mails that came with it.</summary>
    public async Task ShowNewAsync(CancellationToken ct)
    {
        foreach (JsonNode item in (await ReadAsync(ct)).Skip(events.Count))
        {
            events.Add(item);
            // The mail itself is shown below.
            if (EventWords.ShortName(NameOf(item)) is not ("message-intended" or "message-sent"))
            {
                screen.Event(At(item), NameOf(item), EventWords.Tell(NameOf(item), item["data"]));
            }
        }

        foreach ((string to, string subject) in mailbox.NewMails())
        {
            screen.Aside(events.Count > 0 ? At(events[^1]) : default, "mail", $"\"{subject}\" to {to}");
        }
    }

    private async Task<List<JsonNode>> ReadAsync(CancellationToken ct)
    {
        List<JsonNode> all = [];
        string? cursor = null;
        do
        {
            string query = cursor is null ? "?limit=200" : $"?limit=200&cursor={Uri.EscapeDataString(cursor)}";
            JsonNode page = await portal.GetAsync($"api/v1/terminations/{caseId}/events{query}", token, ct);
            all.AddRange(page["items"]!.AsArray().Select(item => item!));
            cursor = page["cursor"]?.GetValue<string>();
        } while (cursor is not null);

        return all;
    }

    private static string NameOf(JsonNode item) => item["name"]!.GetValue<string>();

    private static DateTimeOffset At(JsonNode item) => item["at"]!.GetValue<DateTimeOffset>();
}
