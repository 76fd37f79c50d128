namespace Portability.Local;

/// <summary>Work that a <see cref="VirtualClock"/> paces: durable timers, timer triggers.</summary>
public interface IClockedWork
{
    /// <summary>When something is due next; null when nothing is.</summary>
    DateTimeOffset? NextDue { get; }

    /// <summary>Starts all that is due at the time given, in order; need not wait for its end.</summary>
    Task RunDueAsync(DateTimeOffset now, CancellationToken ct);

    /// <summary>Ends when nothing runs and nothing is queued. A completed task says: idle right now.</summary>
    Task WhenIdleAsync(CancellationToken ct);
}
