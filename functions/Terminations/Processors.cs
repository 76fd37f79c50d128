namespace Portability.Terminations;

/// <summary>How far a sub-processor is with erasing what it holds of the customer.</summary>
public enum ProcessorStatus
{
    /// <summary>To be commanded, for the first time or again.</summary>
    Due,

    /// <summary>Commanded; its acknowledgement is awaited.</summary>
    Commanded,

    /// <summary>It says that it erased. That is its word only.</summary>
    Acknowledged,

    /// <summary>Asked what it still holds; its answer is awaited.</summary>
    Asked,

    /// <summary>Acknowledged, and asked afterwards it holds nothing any more.</summary>
    Proven,

    /// <summary>Acknowledged, and asked afterwards it still holds something.</summary>
    Unproven,
}

/// <summary>A sub-processor's part in the erasure of a case.</summary>
/// <param name="Name">Its system in the data map.</param>
/// <param name="Run">The erasure run that commanded it.</param>
/// <param name="Round">How often it was commanded anew; messages of an earlier round count no more.</param>
/// <param name="SentAt">When it was last written to; null when it is to be written to at once.</param>
/// <param name="AnswerBy">When silence becomes a matter for a person.</param>
/// <param name="Chases">How often the present message was repeated.</param>
/// <param name="Erased">What it says it erased.</param>
/// <param name="Reference">Its own reference of the erasure.</param>
/// <param name="Held">What it said it still held when asked.</param>
public sealed record ProcessorErasure(
    string Name,
    int Run,
    int Round,
    ProcessorStatus Status,
    DateTimeOffset? SentAt = null,
    DateTimeOffset? AnswerBy = null,
    int Chases = 0,
    DateTimeOffset? AcknowledgedAt = null,
    long? Erased = null,
    string? Reference = null,
    long? Held = null
)
{
    public bool IsAwaited => Status is ProcessorStatus.Commanded or ProcessorStatus.Asked;
}

public sealed partial record Termination
{
    /// <summary>Every sub-processor that some erasure run found in the data map, by name.</summary>
    public System.Collections.Immutable.ImmutableSortedDictionary<string, ProcessorErasure> Processors
    {
        get;
        private init;
    } = System.Collections.Immutable.ImmutableSortedDictionary.Create<string, ProcessorErasure>(StringComparer.Ordinal);

    /// <summary>None is left that has not acknowledged and, asked afterwards, holds nothing.</summary>
    public bool ProcessorsAreDone => Processors.Values.All(p => p.Status == ProcessorStatus.Proven);

    /// <summary>When an awaited processor is written to again.</summary>
    public DateTimeOffset ChaseAt(ProcessorErasure processor) =>
        processor.SentAt is { } sent ? Calendar.AddDays(sent, Policy.ProcessorChaseDays) : DateTimeOffset.MinValue;

    private Termination AddProcessors(IReadOnlyList<string> names, int run) =>
        this with
        {
            Processors = Processors.AddRange(
                names
                    .Where(name => !Processors.ContainsKey(name))
                    .Distinct(StringComparer.Ordinal)
                    .Select(name =>
                        KeyValuePair.Create(name, new ProcessorErasure(name, run, Round: 0, ProcessorStatus.Due))
                    )
            ),
        };

    private Termination ChangeProcessor(string name, Func<ProcessorErasure, ProcessorErasure> change) =>
        Processors.TryGetValue(name, out ProcessorErasure? processor)
            ? Settled(Steps.Processor(name)) with
            {
                Processors = Processors.SetItem(name, change(processor)),
            }
            : this;

    private Termination Command(ProcessorCommanded e) =>
        ChangeProcessor(
            e.Processor,
            p => new ProcessorErasure(e.Processor, e.Run, p.Round + 1, ProcessorStatus.Commanded, e.At, e.AnswerBy)
        );

    private Termination Chase(ProcessorChased e) =>
        ChangeProcessor(e.Processor, p => p with { SentAt = e.At, Chases = p.Chases + 1 });

    private Termination Acknowledge(ProcessorAcknowledged e) =>
        Settled(Steps.ProcessorAnswer(e.Processor))
            .ChangeProcessor(
                e.Processor,
                p =>
                    p with
                    {
                        Status = ProcessorStatus.Acknowledged,
                        AcknowledgedAt = e.At,
                        Erased = e.Erased,
                        Reference = e.Reference,
                    }
            );

    private Termination Ask(ProcessorAsked e) =>
        ChangeProcessor(
            e.Processor,
            p => p with { Status = ProcessorStatus.Asked, SentAt = e.At, AnswerBy = e.AnswerBy, Chases = 0 }
        );

    private Termination Answer(ProcessorAnswered e) =>
        Settled(Steps.ProcessorAnswer(e.Processor))
            .ChangeProcessor(
                e.Processor,
                p => p with { Status = e.Held == 0 ? ProcessorStatus.Proven : ProcessorStatus.Unproven, Held = e.Held }
            );

    /// <summary>An officer wants another try: one that is silent is written to at once, one that still holds is commanded anew.</summary>
    private Termination RetryProcessor(string name, DateTimeOffset at) =>
        ChangeProcessor(
            name,
            p =>
                p.IsAwaited ? p with { SentAt = null, AnswerBy = Calendar.AddDays(at, Policy.ProcessorAnswerDays) }
                : p.Status == ProcessorStatus.Unproven ? p with { Status = ProcessorStatus.Due }
                : p
        );
}
