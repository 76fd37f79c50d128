using System.Runtime.InteropServices;

namespace Portability;

/// <summary>
/// How the process asks Linux to be scheduled (sched(7)). An export reads a database as fast as that can send. Where the two share a machine,
/// each few kilobytes that arrive would wake its readers and put them before the server that is about to send the next: as batch work they
/// wait until a processor is free, and then read what has come in the meantime.
/// </summary>
public static partial class BatchWork
{
    private const int CallingThread = 0;
    private const int Batch = 3;

    /// <summary>
    /// Declares this thread, and those that it and they start from now on, batch work. A wish: systems that know no such thing, or do
    /// not grant it, go on as they are.
    /// </summary>
    public static void Declare()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetScheduler(CallingThread, Batch, new Parameters(Priority: 0));
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library than most; it would only have been quicker.
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in Parameters parameters);

    private readonly record struct Parameters(int Priority);
}
