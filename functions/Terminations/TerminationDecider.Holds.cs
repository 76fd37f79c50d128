namespace Portability.Terminations;

// Holds, and whatever needs a second person.
public static partial class TerminationDecider
{
    private static Decision Place(Termination s, PlaceHold c, DateTimeOffset now)
    {
        // As long as there is something left that a hold can keep: rows, or what the case itself knows of people.
        if (s.HasEnded && s.IsRedacted && !s.IsRetaining && s.EverythingIsProven)
        {
            return AlreadyEnded(s);
        }
        if (c.Until <= now)
        {
            return BreaksRule("hold-already-over", "until", "The hold would be over already.", "State a later end.");
        }
        return Accept(new HoldPlaced($"hold-{s.HoldsPlaced + 1}", c.Reason, c.LegalBasis, c.Datasets, c.Until));
    }

    private static Decision AskRelease(Termination s, ReleaseHold c)
    {
        if (!s.Holds.Exists(h => h.Id == c.HoldId))
        {
            return UnknownPart("hold", c.HoldId);
        }
        return IsPending(s, ApprovalSubject.HoldRelease, c.HoldId)
            ? AlreadyPending()
            : Accept(new ApprovalRequested(NewApprovalId(s), ApprovalSubject.HoldRelease, c.HoldId, c.Reason));
    }

    private static Decision Expire(Termination s, ExpireHold c, DateTimeOffset now)
    {
        if (s.Holds.Find(h => h.Id == c.HoldId) is not { } hold)
        {
            return AlreadyDone;
        }
        return hold.Until <= now
            ? Accept(new HoldExpired(c.HoldId))
            : WrongState("hold-stands", "The hold has not ended.", "Wait for its end, or have it released.");
    }

    private static Decision Settle(Termination s, DecideApproval c, DateTimeOffset now)
    {
        if (s.PendingApprovals.Find(a => a.Id == c.ApprovalId) is not { } approval)
        {
            return UnknownPart("pending-approval", c.ApprovalId);
        }
        // Whoever issued a customer's link may hold it: what was asked by that link counts as asked by its issuer.
        string? link = approval.RequestedBy.StartsWith("customer:", StringComparison.Ordinal)
            ? approval.RequestedBy["customer:".Length..]
            : null;
        if (approval.RequestedBy == c.Actor || (link is not null && s.LinkIssuers.GetValueOrDefault(link) == c.Actor))
        {
            return Refuse(
                RefusalKind.Forbidden,
                "own-request",
                "Whoever asked cannot decide.",
                "Have another person approve or reject it."
            );
        }
        if (!c.Approve)
        {
            return approval.Subject == ApprovalSubject.EarlyErasure
                ? Accept(new ApprovalRejected(approval.Id, c.Reason), new ConfirmationRevoked())
                : Accept(new ApprovalRejected(approval.Id, c.Reason));
        }
        ApprovalGiven given = new(approval.Id);
        return approval.Subject switch
        {
            // Accepted after the term's end, the service has gone on until today: nothing ends in retrospect. And
            // nothing ends later than it would have without the acceptance.
            ApprovalSubject.LateNotice => Accept(
                given,
                new LateNoticeAccepted(Min(s.LastDay, Max(s.Term.EndsOn, s.Calendar.DateOf(now))))
            ),
            ApprovalSubject.HoldRelease => Accept(given, new HoldReleased(approval.SubjectId!)),
            _ => Accept(given),
        };
    }
}
