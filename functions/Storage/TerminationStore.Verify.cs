using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Portability.Terminations;

namespace Portability.Storage;

/// <summary>What an audit of one case's stored events found.</summary>
/// <param name="Version">Number of events that the head counts.</param>
/// <param name="LastHash">The hash that stands for the whole case; keep it elsewhere to prove later that nothing was rewritten.</param>
/// <param name="PersonalPresent">References to personal data whose row agrees with its hash.</param>
/// <param name="PersonalRedacted">References whose row has been deleted.</param>
/// <param name="Actors">Who caused how many events.</param>
/// <param name="Problems">In the order of the events; empty when everything verifies.</param>
public sealed record StreamAudit(
    string CaseId,
    long Version,
    string LastHash,
    int PersonalPresent,
    int PersonalRedacted,
    IReadOnlyDictionary<string, int> Actors,
    IReadOnlyList<string> Problems
)
{
    public bool IsIntact => Problems.Count == 0;
}

/// <content>The audit of a case.</content>
public sealed partial class TerminationStore
{
    /// <summary>
    /// Checks everything that is stored of a case: that events follow one another without gap, by their hashes, up to what the
    /// head says; that times never run backwards; that each names an actor who may be its actor; that each is recognised by
    /// its id; that the personal data they point to is theirs, or gone.
    /// </summary>
    /// <returns>Null when there is no such case.</returns>
    public async Task<StreamAudit?> VerifyAsync(string caseId, CancellationToken cancellationToken)
    {
        HeadRow? head = await ReadHeadAsync(caseId, cancellationToken);
        if (head is null || head.IsVoid)
        {
            return null;
        }

        var problems = new List<string>();
        var references = new List<PersonalRef>();
        var actors = new AuditActors();
        (long sequence, string lastHash, long beyond) = (0, EventChain.Origin, 0);
        string filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {caseId} and RowKey ge {EventRow.Prefix} and RowKey lt {EventRow.End}"
        );
        await foreach (EventRow row in table.QueryAsync<EventRow>(filter, cancellationToken: cancellationToken))
        {
            if (sequence == head.Version)
            {
                beyond = row.Sequence;
                break;
            }
            try
            {
                EventEnvelope e = await OpenAsync(caseId, row, sequence + 1, lastHash, cancellationToken);
                references.AddRange(ReferencesIn(e.Body));
                problems.AddRange(actors.Judge(e));
                await CheckIdAsync(caseId, e, problems, cancellationToken);
            }
            catch (Exception wrong) when (wrong is CorruptStreamException or UnknownEventException or JsonException)
            {
                problems.Add($"Event {row.Sequence}: {(wrong as CorruptStreamException)?.What ?? wrong.Message}");
            }
            // What follows is judged by what is stored, so that one wrong event is not reported by all after it.
            (sequence, lastHash) = (row.Sequence, row.Hash);
        }
        // Appended since the head was read, else made by no append.
        if (beyond > 0 && await ReadHeadAsync(caseId, cancellationToken) is { } now && now.Version < beyond)
        {
            problems.Add($"Event {beyond}: it is stored, but the head does not count it");
        }
        if (sequence != head.Version)
        {
            problems.Add($"The head counts {head.Version} events, the last one stored is {sequence}");
        }
        else if (lastHash != head.LastHash)
        {
            problems.Add("The head names another last hash than the last event has");
        }

        (int present, int redacted) = await CheckPersonalAsync(caseId, references, problems, cancellationToken);
        return new StreamAudit(caseId, head.Version, lastHash, present, redacted, actors.Counts, problems);
    }

    private async Task CheckIdAsync(
        string caseId,
        EventEnvelope e,
        List<string> problems,
        CancellationToken cancellationToken
    )
    {
        NullableResponse<EventIdRow> id = await table.GetEntityIfExistsAsync<EventIdRow>(
            caseId,
            EventIdRow.KeyOf(e.EventId),
            cancellationToken: cancellationToken
        );
        if (!id.HasValue || id.Value!.Sequence != e.Sequence)
        {
            problems.Add($"Event {e.Sequence}: the row that recognises its id is missing or names another event");
        }
    }

    private async Task<(int Present, int Redacted)> CheckPersonalAsync(
        string caseId,
        List<PersonalRef> references,
        List<string> problems,
        CancellationToken cancellationToken
    )
    {
        (int present, int redacted) = (0, 0);
        foreach (PersonalRef reference in references.Distinct())
        {
            try
            {
                PersonalValue<JsonElement> value = await ReadPersonalAsync<JsonElement>(
                    caseId,
                    reference,
                    cancellationToken
                );
                _ = value is PersonalValue<JsonElement>.Redacted ? redacted++ : present++;
            }
            catch (InvalidDataException changed)
            {
                problems.Add(changed.Message);
            }
        }
        return (present, redacted);
    }

    // A reference is an object of exactly an id and a hash, wherever it stands in an event.
    private static IEnumerable<PersonalRef> ReferencesIn(string body)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        return [.. In(document.RootElement)];

        static IEnumerable<PersonalRef> In(JsonElement element) =>
            element.ValueKind switch
            {
                JsonValueKind.Array => element.EnumerateArray().SelectMany(In),
                JsonValueKind.Object when Reference(element) is { } reference => [reference],
                JsonValueKind.Object => element.EnumerateObject().SelectMany(property => In(property.Value)),
                _ => [],
            };
    }

    private static PersonalRef? Reference(JsonElement element) =>
        element.EnumerateObject().Count() == 2
        && element.TryGetProperty("id", out JsonElement id)
        && element.TryGetProperty("hash", out JsonElement hash)
        && id.ValueKind == JsonValueKind.String
        && hash.ValueKind == JsonValueKind.String
            ? new PersonalRef(id.GetString()!, hash.GetString()!)
            : null;
}
