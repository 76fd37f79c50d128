namespace Portability.Terminations;

// Sub-processors: commanded once the app's own systems are done, chased while silent, asked what they still hold, and
// believed only then.
public static partial class TerminationDecider
{
    private static Decision Commanded(Termination s, RecordProcessorCommanded c, DateTimeOffset now) =>
        !s.Processors.TryGetValue(c.Processor, out ProcessorErasure? processor) ? UnknownProcessor(c.Processor)
        : processor.Status != ProcessorStatus.Due || c.Round != processor.Round + 1 ? AlreadyDone
        : s.Outcomes.IsEmpty
            ? WrongState("own-systems-first", "The own systems are not erased yet.", "Command it after the run's scan.")
        : Accept(new ProcessorCommanded(s.Erasures[^1].Number, c.Processor, AnswerBy(s, now)));

    private static Decision Chased(Termination s, RecordProcessorChased c, DateTimeOffset now) =>
        !s.Processors.TryGetValue(c.Processor, out ProcessorErasure? processor) ? UnknownProcessor(c.Processor)
        : processor.IsAwaited && s.ChaseAt(processor) <= now ? Accept(new ProcessorChased(processor.Run, c.Processor))
        : AlreadyDone;

    private static Decision Asked(Termination s, RecordProcessorAsked c, DateTimeOffset now) =>
        !s.Processors.TryGetValue(c.Processor, out ProcessorErasure? processor) ? UnknownProcessor(c.Processor)
        : processor.Status != ProcessorStatus.Acknowledged ? AlreadyDone
        : Accept(new ProcessorAsked(processor.Run, c.Processor, AnswerBy(s, now)));

    /// <summary>
    /// A repeated acknowledgement, and one of an earlier round, changes nothing. One that is faster than the record of its
    /// command says that the command went out: both are recorded.
    /// </summary>
    private static Decision Acknowledged(Termination s, RecordProcessorAcknowledged c, DateTimeOffset now)
    {
        if (!s.Processors.TryGetValue(c.Processor, out ProcessorErasure? processor))
        {
            return UnknownProcessor(c.Processor);
        }
        ProcessorAcknowledged acknowledged = new(c.Run, c.Processor, c.Erased, c.Reference);
        if (processor.Status == ProcessorStatus.Commanded && processor.Run == c.Run && processor.Round == c.Round)
        {
            return Accept(acknowledged);
        }
        bool isEarly =
            processor.Status == ProcessorStatus.Due
            && !s.Outcomes.IsEmpty
            && s.Erasures[^1].Number == c.Run
            && processor.Round + 1 == c.Round;
        return isEarly
            ? Accept(new ProcessorCommanded(c.Run, c.Processor, AnswerBy(s, now)), acknowledged)
            : AlreadyDone;
    }

    /// <summary>As an acknowledgement, it may be faster than the record of its question.</summary>
    private static Decision Answered(Termination s, RecordProcessorAnswered c, DateTimeOffset now)
    {
        if (!s.Processors.TryGetValue(c.Processor, out ProcessorErasure? processor))
        {
            return UnknownProcessor(c.Processor);
        }
        bool isEarly = processor.Status == ProcessorStatus.Acknowledged;
        if (
            !(isEarly || processor.Status == ProcessorStatus.Asked)
            || (processor.Run, processor.Round) != (c.Run, c.Round)
        )
        {
            return AlreadyDone;
        }
        List<TerminationEvent> events = [];
        if (isEarly)
        {
            events.Add(new ProcessorAsked(c.Run, c.Processor, AnswerBy(s, now)));
        }
        events.Add(new ProcessorAnswered(c.Run, c.Processor, c.Held));
        if (c.Held > 0)
        {
            events.Add(NewAttention(s, Steps.ProcessorAnswer(c.Processor), "still-holds", retryAt: null));
        }
        return Accept(events);
    }

    private static Decision Escalated(Termination s, EscalateProcessor c, DateTimeOffset now)
    {
        if (!s.Processors.TryGetValue(c.Processor, out ProcessorErasure? processor))
        {
            return UnknownProcessor(c.Processor);
        }
        string step = Steps.ProcessorAnswer(c.Processor);
        return processor.IsAwaited && processor.AnswerBy <= now && s.AttentionTo(step) is null
            ? Accept(NewAttention(s, step, "no-answer", retryAt: null))
            : AlreadyDone;
    }

    /// <summary>
    /// The officer has the processor's word, and has looked, by another way than the bus: the missing events follow in the
    /// officer's name, with the attention item as their reference.
    /// </summary>
    private static Decision ResolveProcessor(Termination s, AttentionSettled settled, string name)
    {
        if (!s.Processors.TryGetValue(name, out ProcessorErasure? p))
        {
            return UnknownProcessor(name);
        }
        List<TerminationEvent> events = [settled];
        if (p.AcknowledgedAt is null)
        {
            events.Add(new ProcessorAcknowledged(p.Run, name, Erased: 0, settled.ItemId));
        }
        events.Add(new ProcessorAnswered(p.Run, name, Held: 0));
        return Accept(events);
    }

    private static DateTimeOffset AnswerBy(Termination s, DateTimeOffset now) =>
        s.Calendar.AddDays(now, s.Policy.ProcessorAnswerDays);

    private static Decision UnknownProcessor(string name) => UnknownPart("processor", name);
}
