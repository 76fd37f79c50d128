using Portability.Terminations;

namespace Portability.Storage;

/// <summary>
/// Reads a stream as an auditor does: whether time runs forward, and whether each event's actor is one who may cause it. A chain of
/// hashes shows that nothing was changed afterwards; this shows that what was written followed the rules of four eyes.
/// </summary>
internal sealed class AuditActors
{
    private const string App = "system";
    private const string Customer = "customer:";

    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> requests = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> linkIssuers = new(StringComparer.Ordinal);
    private DateTimeOffset last = DateTimeOffset.MinValue;

    /// <summary>Actors with the number of their events, by name.</summary>
    public IReadOnlyDictionary<string, int> Counts => counts;

    /// <summary>What is wrong with an event, seen after all before it.</summary>
    public IReadOnlyList<string> Judge(EventEnvelope e)
    {
        var problems = new List<string>();
        if (e.At < last)
        {
            problems.Add($"Event {e.Sequence}: its time is before that of the event before it");
        }
        last = e.At;
        counts[e.Actor] = counts.GetValueOrDefault(e.Actor) + 1;
        if (e.Actor.Length == 0)
        {
            problems.Add($"Event {e.Sequence}: it names no actor");
        }
        if (IsAPersonsDecision(e.Event) && (e.Actor == App || e.Actor.StartsWith(Customer, StringComparison.Ordinal)))
        {
            problems.Add($"Event {e.Sequence}: '{e.Name}' is a decision of staff, and its actor is '{e.Actor}'");
        }
        switch (e.Event)
        {
            case CustomerLinkIssued issued:
                linkIssuers[$"{Customer}{issued.LinkId}"] = e.Actor;
                break;
            case ApprovalRequested asked:
                requests[asked.ApprovalId] = e.Actor;
                break;
            case ApprovalGiven given when !requests.ContainsKey(given.ApprovalId):
                problems.Add($"Event {e.Sequence}: it approves what nobody asked for");
                break;
            case ApprovalGiven given when IsSamePerson(requests[given.ApprovalId], e.Actor):
                problems.Add($"Event {e.Sequence}: '{e.Actor}' approves an own request");
                break;
        }
        return problems;
    }

    /// <summary>A request made through a customer's link counts as its issuer's too: the issuer has held the link.</summary>
    private bool IsSamePerson(string asker, string approver) =>
        asker == approver || linkIssuers.GetValueOrDefault(asker) == approver;

    private static bool IsAPersonsDecision(TerminationEvent e) =>
        e is ApprovalGiven or ApprovalRejected or HoldPlaced or HoldReleased or LateNoticeAccepted;
}
