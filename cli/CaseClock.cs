namespace Portability.Cli;

/// <summary>
/// The time, and never before what a case has recorded: its events never run backwards, also where its clock was ahead of this
/// machine's.
/// </summary>
internal sealed class CaseClock : TimeProvider
{
    private long notBefore;

    public override DateTimeOffset GetUtcNow() =>
        System.GetUtcNow() is var now && now.UtcTicks < Interlocked.Read(ref notBefore)
            ? new(Interlocked.Read(ref notBefore), TimeSpan.Zero)
            : now;

    /// <summary>From now on it is at least that time.</summary>
    public void NotBefore(DateTimeOffset instant) =>
        Interlocked.Exchange(ref notBefore, Math.Max(instant.UtcTicks, Interlocked.Read(ref notBefore)));
}
