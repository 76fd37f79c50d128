using System.Text;
using Portability.Terminations;

namespace Portability.Tests.Terminations;

/// <summary>
/// What must never happen, told from the events alone: dates and conditions are worked out here anew, not asked of
/// the code under test, save for the calendar, which has tests of its own.
/// </summary>
internal sealed class Rulebook
{
    private readonly Dictionary<int, (DateTimeOffset At, bool Complete, DateTimeOffset? ReadyAt)> exports = [];
    private readonly HashSet<int> running = [];
    private readonly HashSet<int> owed = [];
    private readonly Dictionary<string, (IReadOnlyList<string> Datasets, DateTimeOffset? Until)> holds = [];
    private readonly Dictionary<string, (ApprovalSubject Subject, string By)> approvals = [];
    private readonly Dictionary<string, ErasureOutcome> outcomes = [];
    private readonly Dictionary<string, string> processors = [];
    private bool verified;
    private readonly Dictionary<string, string> items = [];
    private readonly List<(string Dataset, DateOnly On)> retained = [];
    private readonly HashSet<string> sent = [];
    private DateTimeOffset last = DateTimeOffset.MinValue;
    private DateOnly lastDay;
    private DateTimeOffset opened;
    private DateTimeOffset? movedWindow;
    private TermCalendar calendar = new("UTC");
    private TerminationPolicy policy = new();
    private (int Export, bool Early, bool Approved)? confirmation;
    private bool termEnded;
    private bool frozen;
    private bool ended;
    private bool erasing;

    private DateTimeOffset End => calendar.EndOfDay(lastDay);

    private DateTimeOffset ErasureDue
    {
        get
        {
            DateOnly from = calendar.DateOf(opened) > lastDay ? calendar.DateOf(opened) : lastDay;
            DateTimeOffset due = movedWindow ?? calendar.StartOfDay(from.AddDays(1 + policy.WindowDays));
            foreach (
                DateTimeOffset ready in exports.Values.Where(e => e.ReadyAt is not null).Select(e => e.ReadyAt!.Value)
            )
            {
                DateTimeOffset grace = calendar.AddDays(ready, policy.DeliveryGraceDays);
                due = grace > due ? grace : due;
            }
            return due;
        }
    }

    public static string Text(Decision decision) =>
        decision switch
        {
            Decision.Accepted a => string.Join('\n', a.Events.Select(Text)),
            Decision.Refused r => r.Refusal.Code + r.Refusal.Detail + r.Refusal.Next + r.Refusal.Field,
            _ => throw new InvalidOperationException(),
        };

    public static string Text(TerminationEvent e)
    {
        (string name, byte[] body) = EventCodec.Encode(e);
        return name + " " + Encoding.UTF8.GetString(body);
    }

    public void Check(Termination before, TerminationEvent @event, DateTimeOffset now)
    {
        Must(@event.At >= last, "time runs backwards", @event);
        Must(@event.At >= now, "an event is older than its command", @event);
        last = @event.At;
        switch (@event)
        {
            case TerminationOpened e:
                (lastDay, opened, policy, calendar) = (e.LastDay, e.At, e.Policy, new TermCalendar(e.Term.TimeZone));
                break;
            case NoticeGiven e:
                lastDay = e.LastDay;
                break;
            case LateNoticeAccepted e:
                Must(!termEnded && e.LastDay <= lastDay, "a late acceptance made the term longer", e);
                lastDay = e.LastDay;
                break;
            case NoticeWithdrawn:
                Must(!termEnded && @event.At < End, "withdrawn after the term's end", @event);
                ended = true;
                break;
            case TermEnded:
                Must(!termEnded && @event.At >= End, "the term ended early or twice", @event);
                termEnded = true;
                break;
            case AccessFrozen:
                Must(termEnded && !frozen, "access frozen before the term's end, or twice", @event);
                frozen = true;
                break;
            case WindowMoved e:
                Must(e.WindowCloses > (movedWindow ?? End), "the window was made shorter", e);
                movedWindow = e.WindowCloses;
                break;
            case Reinstated:
                Must(!erasing && !ended, "reinstated after erasure started", @event);
                ended = true;
                break;
            case AccountClosed:
                Must(erasing && outcomes.Values.All(IsProven), "closed with something unproven", @event);
                ended = true;
                break;
            case MessageIntended e:
                Must(sent.Add(e.MessageId), "the same message twice", e);
                break;
            default:
                CheckExport(@event);
                CheckPeople(@event);
                CheckErasure(@event);
                break;
        }
        Must(before.LastAt <= @event.At, "the state is ahead of its events", @event);
    }

    private void CheckExport(TerminationEvent @event)
    {
        switch (@event)
        {
            case ExportRequested e:
                Must(running.Count == 0, "two exports run at a time", e);
                Must(!erasing && !ended, "an export after erasure started", e);
                Must(confirmation is not { Early: true }, "an export request left an early confirmation standing", e);
                exports[e.Export] = (e.At, e.Categories.Count == 0 && e.Formats.Count == 0, null);
                running.Add(e.Export);
                owed.Add(e.Export);
                break;
            case ExportReady e:
                exports[e.Export] = exports[e.Export] with { ReadyAt = e.At };
                running.Remove(e.Export);
                owed.Remove(e.Export);
                break;
            case ExportFailed e:
                running.Remove(e.Export);
                break;
            case ExportCancelled e:
                Must(exports[e.Export].ReadyAt is null, "a delivered export was cancelled", e);
                running.Remove(e.Export);
                owed.Remove(e.Export);
                break;
            case ExportErased e:
                Must(erasing || ended || !owed.Contains(e.Export), "files of an owed export erased", e);
                Must(erasing || ended || exports[e.Export].ReadyAt is null, "delivered files erased in the window", e);
                break;
        }
    }

    private void CheckPeople(TerminationEvent @event)
    {
        switch (@event)
        {
            case TransferConfirmed e:
                Must(exports[e.Export].ReadyAt is not null, "confirmed an export that was never ready", e);
                confirmation = (e.Export, e.EraseEarly, false);
                break;
            case ConfirmationRevoked:
                confirmation = null;
                foreach (
                    string id in approvals
                        .Where(a => a.Value.Subject == ApprovalSubject.EarlyErasure)
                        .Select(a => a.Key)
                        .ToList()
                )
                {
                    approvals.Remove(id);
                }
                break;
            case HoldPlaced e:
                holds.Add(e.HoldId, (e.Datasets, e.Until));
                break;
            case HoldReleased e:
                Must(holds.Remove(e.HoldId), "an unknown hold released", e);
                break;
            case HoldExpired e:
                Must(holds.Remove(e.HoldId, out var hold) && hold.Until <= e.At, "a hold expired before its end", e);
                break;
            case ApprovalRequested e:
                approvals.Add(e.ApprovalId, (e.Subject, e.Actor));
                break;
            case ApprovalRejected e:
                approvals.Remove(e.ApprovalId);
                break;
            case ApprovalGiven e:
                Must(approvals.Remove(e.ApprovalId, out var asked), "approved what nobody asks", e);
                Must(asked.By != e.Actor, "approved by who asked", e);
                if (asked.Subject == ApprovalSubject.EarlyErasure)
                {
                    confirmation = confirmation!.Value with { Approved = true };
                }
                break;
            case AttentionRaised e:
                items[e.ItemId] = e.Step;
                break;
            case AttentionSettled e when items[e.ItemId].StartsWith("export:", StringComparison.Ordinal):
                int export = int.Parse(items[e.ItemId]["export:".Length..], null);
                if (e.Action == AttentionAction.Abandon)
                {
                    owed.Remove(export);
                }
                else if (owed.Contains(export) && running.Count == 0)
                {
                    running.Add(export);
                }
                break;
        }
    }

    private void CheckErasure(TerminationEvent @event)
    {
        switch (@event)
        {
            case ErasureStarted { Kind: ErasureKind.Full } e:
                Must(termEnded && frozen && !ended, "erasure before the term's end or with access open", e);
                Must(owed.Count == 0, "erasure while an export is owed", e);
                Must(!CaseIsHeld, "erasure of a held case", e);
                if (!erasing && e.At < ErasureDue)
                {
                    Must(e.Early, "early, but not said to be", e);
                    Must(confirmation is { Early: true, Approved: true }, "early without confirmation and approval", e);
                    var export = exports[confirmation!.Value.Export];
                    Must(export.Complete && export.At >= End, "early without a complete export after term end", e);
                }
                Must(!e.Datasets.Any(IsHeld), "a run takes a held dataset", e);
                erasing = true;
                break;
            case ErasureStarted e:
                Must(ended && erasing && !CaseIsHeld, "a release of a living or held case", e);
                Must(e.Datasets.Count > 0 && !e.Datasets.Any(IsHeld), "a release of held rows", e);
                break;
            case DatasetErased e:
                Must(erasing && !IsHeld(e.Dataset), "erased what is held", e);
                break;
            case DatasetRetained e:
                retained.RemoveAll(r => r == (e.Dataset, e.ReleaseOn));
                retained.Add((e.Dataset, e.ReleaseOn));
                break;
            case RetainedDataErased e:
                Must(retained.Remove((e.Dataset, e.ReleaseOn)), "released what was not retained", e);
                Must(!IsHeld(e.Dataset), "released what is held", e);
                Must(calendar.StartOfDay(e.ReleaseOn) <= e.At, "released before its day", e);
                break;
            case ResidueFound e:
                outcomes[e.Dataset] = ErasureOutcome.Unproven;
                break;
            case ErasureVerified e:
                verified = true;
                foreach (DatasetOutcome o in e.Outcomes)
                {
                    outcomes[o.Dataset] = o.Outcome;
                }
                break;
            case ProcessorCommanded e:
                Must(verified, "commanded a processor before the own systems were looked at", e);
                processors[e.Processor] = "commanded";
                break;
            case ProcessorAcknowledged e:
                Must(processors[e.Processor] == "commanded", "acknowledged what was not commanded", e);
                processors[e.Processor] = "acknowledged";
                break;
            case ProcessorAsked e:
                Must(processors[e.Processor] == "acknowledged", "asked before it acknowledged", e);
                processors[e.Processor] = "asked";
                break;
            case ProcessorAnswered e:
                processors[e.Processor] = e.Held == 0 ? "proven" : "unproven";
                break;
            case CertificateIssued e:
                Must(outcomes.Values.All(IsProven) && outcomes.Count > 0, "certified something unproven", e);
                Must(processors.Values.All(p => p == "proven"), "certified before every processor was proven", e);
                break;
            case PersonalDataRedacted e:
                Must(ended && holds.Count == 0, "redacted a living or held case", e);
                break;
        }
    }

    private bool CaseIsHeld => holds.Values.Any(h => h.Datasets.Count == 0);

    private bool IsHeld(string dataset) => holds.Values.Any(h => h.Datasets.Count == 0 || h.Datasets.Contains(dataset));

    private static bool IsProven(ErasureOutcome outcome) =>
        outcome is ErasureOutcome.Verified or ErasureOutcome.Retained;

    private static void Must(bool holds, string otherwise, TerminationEvent e) =>
        Assert.True(holds, $"{otherwise}: {Text(e)}");
}
