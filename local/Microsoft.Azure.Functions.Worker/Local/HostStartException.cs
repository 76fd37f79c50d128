namespace Portability.Local;

/// <summary>The app cannot be hosted as it is. The message lists every fault found, and what to do, one a line.</summary>
public sealed class HostStartException : Exception
{
    public HostStartException(IReadOnlyList<string> faults)
        : base("The functions host cannot start:" + string.Concat(faults.Select(fault => "\n  - " + fault)))
    {
        Faults = faults;
    }

    public HostStartException(string fault, Exception? innerException)
        : base("The functions host cannot start: " + fault, innerException)
    {
        Faults = [fault];
    }

    /// <summary>Each fault alone.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>The message alone: what has to be mended is the app or its settings, and no stack leads there.</summary>
    public override string ToString() => Message;
}
