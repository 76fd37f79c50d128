namespace Portability.Terminations;

// A restored backup has brought an erased customer back: the case erases again what came.
public static partial class TerminationDecider
{
    private static Decision Repeat(Termination s)
    {
        ErasureRun? last = s.Erasures.LastOrDefault();
        if (last is { Ended: false })
        {
            return last.Kind == ErasureKind.Replay
                ? AlreadyDone
                : WrongState("erasure-runs", "An erasure of this case is under way.", "Let it end, then look again.");
        }
        if (last is null)
        {
            return WrongState("not-erased", "Nothing of this case has been erased.", "Wait for its erasure.");
        }
        return s.CaseIsHeld
            ? WrongState("held", "A hold covers the case.", "Wait until the hold ends.")
            : Accept(new ErasureStarted(last.Number + 1, ErasureKind.Replay, Early: false, []));
    }
}
