namespace Portability.Terminations;

/// <summary>The one thing that a case needs next. The union is closed.</summary>
public abstract record NextStep
{
    private NextStep() { }

    /// <summary>Nothing to do before <paramref name="Until"/>, or before a person acts where it is null.</summary>
    public sealed record Wait(DateTimeOffset? Until) : NextStep;

    /// <summary>The last event is in; the case is only kept.</summary>
    public sealed record Done : NextStep;

    public sealed record EndTerm : NextStep;

    public sealed record FreezeAccess : NextStep;

    public sealed record RestoreAccess : NextStep;

    public sealed record ExpireHold(string HoldId) : NextStep;

    public sealed record SendMessage(string MessageId) : NextStep;

    /// <summary>Have the export running, and look again at <paramref name="Until"/> or when it reports.</summary>
    public sealed record RunExport(int Export, DateTimeOffset Until) : NextStep;

    public sealed record EraseExport(int Export) : NextStep;

    public sealed record StartErasure(ErasureKind Kind, IReadOnlyList<string> Datasets) : NextStep
    {
        /// <summary>When to ask again if it still may not start; set once it is known why it may not.</summary>
        public DateTimeOffset? LookAgainAt { get; init; }
    }

    /// <summary>Have the erasure running, and look again at <paramref name="Until"/> or when it reports.</summary>
    public sealed record RunErasure(int Run, DateTimeOffset Until) : NextStep;

    public sealed record CommandProcessor(string Processor) : NextStep;

    /// <summary>Send its message again, under the same id.</summary>
    public sealed record ChaseProcessor(string Processor) : NextStep;

    /// <summary>Ask what it still holds.</summary>
    public sealed record AskProcessor(string Processor) : NextStep;

    /// <summary>Its silence is a matter for a person now.</summary>
    public sealed record EscalateProcessor(string Processor) : NextStep;

    public sealed record CloseAccount : NextStep;

    public sealed record RedactPersonalData : NextStep;

    /// <summary>The case's own time is over: nothing of it is kept any more.</summary>
    public sealed record RemoveCase : NextStep;
}
