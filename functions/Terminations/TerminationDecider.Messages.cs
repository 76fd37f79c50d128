namespace Portability.Terminations;

// Messages to the customer, and steps that need a person.
public static partial class TerminationDecider
{
    private static Decision Intend(Termination s, IntendMessage c, DateTimeOffset now)
    {
        if (s.Messages.ContainsKey(c.MessageId))
        {
            return AlreadyDone;
        }
        return Reminders.DueAt(s, now).FirstOrDefault(r => r.MessageId == c.MessageId) is { } reminder
            ? Accept(new MessageIntended(reminder.MessageId, reminder.Kind, reminder.Deadline, s.Locale, s.Contact))
            : WrongState("message-not-due", "The message is not due, or overtaken.", "Read the case's next step.");
    }

    private static Decision Sent(Termination s, RecordMessageSent c) =>
        s.Messages.TryGetValue(c.MessageId, out Message? message)
            ? message.Status == MessageStatus.Intended
                ? Accept(new MessageSent(c.MessageId))
                : AlreadyDone
            : UnknownPart("message", c.MessageId);

    private static Decision Bounced(Termination s, RecordMessageBounced c)
    {
        if (!s.Messages.TryGetValue(c.MessageId, out Message? message))
        {
            return UnknownPart("message", c.MessageId);
        }
        // A bounce may come back days after the mail was handed over.
        return message.Status is MessageStatus.Intended or MessageStatus.Sent
            ? Accept(
                new MessageBounced(c.MessageId, c.Code),
                NewAttention(s, Steps.Delivery(c.MessageId), c.Code, retryAt: null)
            )
            : AlreadyDone;
    }

    private static Decision Raise(Termination s, RaiseAttention c, DateTimeOffset now)
    {
        // Several attempts of one failing step may report at once; only what came after the retry counts again.
        if (s.AttentionTo(c.Step) is { } open && (open.RetryAt is null || now < open.RetryAt))
        {
            return AlreadyDone;
        }
        return Accept(NewAttention(s, c.Step, c.Code, RetryAt(s, c.Step, now)));
    }

    private static Decision Settle(Termination s, SettleAttention c)
    {
        if (s.Attention.Find(a => a.ItemId == c.ItemId) is not { } item)
        {
            return UnknownPart("attention-item", c.ItemId);
        }
        AttentionSettled settled = new(item.ItemId, c.Action, c.Reason);
        bool isMail = Steps.IsMessage(item.Step);
        ExportRun? export = s.Exports.Find(e => Steps.Export(e.Number) == item.Step);
        return c.Action switch
        {
            AttentionAction.Retry when export is { Status: ExportStatus.Failed } => RetryExport(s, settled),
            AttentionAction.Retry => Accept(settled),
            AttentionAction.Abandon when export is { Status: ExportStatus.Running } => Accept(
                settled,
                new ExportCancelled(export.Number)
            ),
            AttentionAction.Abandon when export is not null || isMail => Accept(settled),
            // Resolving says that a person did it by hand: the step's own event follows, in that person's name, and
            // under that step's own rules.
            AttentionAction.Resolve when Steps.IsDelivery(item.Step) || isMail => Accept(settled),
            AttentionAction.Resolve when Steps.IsProcessorAnswer(item.Step) => ResolveProcessor(
                s,
                settled,
                Steps.ProcessorOf(item.Step)
            ),
            AttentionAction.Resolve when item.Step == Steps.FreezeAccess => After(settled, Frozen(s)),
            AttentionAction.Resolve when item.Step == Steps.RestoreAccess => After(settled, Restored(s)),
            AttentionAction.Resolve when item.Step == Steps.CloseAccount => After(settled, Closed(s)),
            _ => BreaksRule(
                "action-not-possible",
                "action",
                $"The step {item.Step} cannot be settled by {c.Action.ToString().ToLowerInvariant()}: it has to succeed.",
                "Mend the cause and retry."
            ),
        };
    }

    private static Decision RetryExport(Termination s, AttentionSettled settled) =>
        s.HasEnded ? AlreadyEnded(s)
        : s.ErasureHasStarted ? ErasureStarted()
        : s.RunningExport is { } running ? ExportRunning(running)
        : Accept(settled);

    private static Decision After(AttentionSettled settled, Decision step) =>
        step is Decision.Accepted accepted ? Accept([settled, .. accepted.Events]) : step;

    private static AttentionRaised NewAttention(Termination s, string step, string code, DateTimeOffset? retryAt)
    {
        Attention? open = s.AttentionTo(step);
        return new AttentionRaised(
            open?.ItemId ?? $"item-{s.Version + 1}",
            step,
            code,
            (open?.Attempt ?? 0) + 1,
            retryAt
        );
    }

    private static DateTimeOffset RetryAt(Termination s, string step, DateTimeOffset now)
    {
        int failedBefore = s.AttentionTo(step)?.Attempt ?? 0;
        IReadOnlyList<int> hours = s.Policy.RetryHours;
        return now.AddHours(hours[Math.Min(failedBefore, hours.Count - 1)]);
    }
}
