namespace Portability.Terminations;

/// <summary>
/// The rules of a termination: what follows from a command, or why it cannot be. Pure: state and <c>now</c> come in,
/// events or a refusal go out. An empty list means that it had already been done.
/// </summary>
public static partial class TerminationDecider
{
    private static readonly Decision AlreadyDone = new Decision.Accepted([]);

    /// <param name="s">The case as folded from its stream.</param>
    /// <param name="command">What is wanted.</param>
    /// <param name="now">UTC. Events are stamped with it, or with the latest event's time where that is later.</param>
    public static Decision Decide(Termination s, TerminationCommand command, DateTimeOffset now)
    {
        DateTimeOffset at = now > s.LastAt ? now.ToUniversalTime() : s.LastAt;
        if (!s.IsOpened && command is not OpenTermination)
        {
            return Refuse(RefusalKind.Unknown, "unknown-case", "There is no such case.", "Check the case's id.");
        }
        return Dispatch(s, command, at) switch
        {
            Decision.Accepted accepted => new Decision.Accepted([
                .. accepted.Events.Select(e => e with { At = at, Actor = command.Actor }),
            ]),
            Decision refused => refused,
        };
    }

    private static Decision Dispatch(Termination s, TerminationCommand command, DateTimeOffset now) =>
        command switch
        {
            OpenTermination c => Open(s, c, now),
            WithdrawNotice c => Withdraw(s, c, now),
            RequestReinstatement c => AskReinstatement(s, c),
            ChangeContact c => Change(s, c),
            IssueCustomerLink c => IssueLink(s, c, now),
            RevokeCustomerLink c => RevokeLink(s, c),
            EndTerm => End(s, now),
            RecordAccessFrozen => Frozen(s),
            RecordAccessRestored => Restored(s),
            AgreeAssistance c => Agree(s, c, now),

            RequestExport c => AskExport(s, c, now),
            CancelExport c => Cancel(s, c),
            RecordLinksIssued c => Linked(s, c),
            RecordDatasetExported c => Exported(s, c),
            RecordExportReady c => MadeReady(s, c),
            RecordExportFailed c => Failed(s, c),
            RecordExportErased c => FilesErased(s, c),
            ConfirmTransfer c => Confirm(s, c),
            RevokeConfirmation => Revoke(s),

            PlaceHold c => Place(s, c, now),
            ReleaseHold c => AskRelease(s, c),
            ExpireHold c => Expire(s, c, now),
            DecideApproval c => Settle(s, c, now),

            IntendMessage c => Intend(s, c, now),
            RecordMessageSent c => Sent(s, c),
            RecordMessageBounced c => Bounced(s, c),
            RaiseAttention c => Raise(s, c, now),
            SettleAttention c => Settle(s, c),

            StartErasure c => Start(s, c, now),
            StartReplay => Repeat(s),
            RecordDatasetErased c => Erased(s, c),
            RecordDatasetRetained c => Kept(s, c),
            RecordRetainedErased c => Released(s, c, now),
            RecordResidue c => Residue(s, c),
            RecordVerification c => Verified(s, c),
            RecordProcessorCommanded c => Commanded(s, c, now),
            RecordProcessorChased c => Chased(s, c, now),
            RecordProcessorAcknowledged c => Acknowledged(s, c, now),
            RecordProcessorAsked c => Asked(s, c, now),
            RecordProcessorAnswered c => Answered(s, c, now),
            EscalateProcessor c => Escalated(s, c, now),
            RecordCertificate c => Certified(s, c),
            RecordAccountClosed => Closed(s),
            RecordPersonalDataRedacted c => Redacted(s, c, now),
            _ => throw new InvalidOperationException(
                $"No rule for {command.GetType().Name} on a case in phase {s.Phase}."
            ),
        };

    private static Decision Accept(params IReadOnlyList<TerminationEvent> events) => new Decision.Accepted(events);

    private static Decision Refuse(
        RefusalKind kind,
        string code,
        string detail,
        string next,
        string? field = null,
        IReadOnlyDictionary<string, string>? data = null
    ) =>
        new Decision.Refused(
            new Refusal(kind, code, detail, next)
            {
                Field = field,
                Data = data ?? new Dictionary<string, string>(StringComparer.Ordinal),
            }
        );

    private static Decision WrongState(string code, string detail, string next) =>
        Refuse(RefusalKind.WrongState, code, detail, next);

    private static Decision BreaksRule(string code, string field, string detail, string next) =>
        Refuse(RefusalKind.BreaksRule, code, detail, next, field);

    private static Decision AlreadyEnded(Termination s) =>
        WrongState(
            "case-ended",
            $"The case has ended as {s.Phase.ToString().ToLowerInvariant()}.",
            "Open a new case if the contract is terminated again."
        );

    private static Decision ErasureStarted() =>
        WrongState(
            "erasure-started",
            "Erasure has started and cannot be undone.",
            "Follow the case to its certificate."
        );

    private static Decision UnknownPart(string what, string id) =>
        Refuse(
            RefusalKind.Unknown,
            "unknown-" + what,
            $"The case has no {what} {id}.",
            "Read the case for what it has."
        );

    private static bool IsInFuture(Termination s, DateTimeOffset receivedAt, DateTimeOffset now) =>
        receivedAt > now.AddMinutes(s.Policy.ReceiptToleranceMinutes);

    private static Decision ReceivedInFuture() =>
        BreaksRule(
            "received-in-future",
            "receivedAt",
            "The time of receipt lies in the future.",
            "State when it was received."
        );

    private static Decision ImplausibleReceipt(string field) =>
        BreaksRule("implausible-date", field, "The time of receipt is not plausible.", "State when it was received.");

    private static string NewApprovalId(Termination s) => $"approval-{s.ApprovalsRequested + 1}";

    private static bool IsPending(Termination s, ApprovalSubject subject, string? subjectId = null) =>
        s.PendingApprovals.Exists(a => a.Subject == subject && a.SubjectId == subjectId);

    private static Decision AlreadyPending() =>
        WrongState("approval-pending", "This already waits for a second person.", "Have the pending approval decided.");
}
