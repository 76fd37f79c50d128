using System.Runtime.InteropServices;

namespace Portability;

/// <summary>
/// How a thread asks Linux to be scheduled (sched(7)). An export reads a database as fast as that can send. Where the two share a machine, each
/// few kilobytes that arrive would wake its readers and have them interrupt the server that is about to send the next: as batch work they
/// interrupt nobody when they wake, and read what has come by the time it is their turn.
/// </summary>
internal static partial class BatchWork
{
    private const int CallingThread = 0;
    private const int Usual = 0;
    private const int Batch = 3;

    /// <summary>
    /// Declares this thread batch work until that is disposed of, on the same thread. Nothing changes on systems that know no such thing or do
    /// not grant it, and on a thread that has another policy already.
    /// </summary>
    public static Declared Declare() => new(TryDeclare(CallingThread));

    /// <summary>Declares a thread of this process batch work by its number; false where nothing changed.</summary>
    internal static bool TryDeclare(int thread) =>
        OperatingSystem.IsLinux() && GetScheduler(thread) == Usual && SetScheduler(thread, Batch, 0) == 0;

    /// <summary>Takes back what <see cref="TryDeclare"/> granted.</summary>
    internal static void TakeBack(int thread) => _ = SetScheduler(thread, Usual, 0);

    [LibraryImport("libc", EntryPoint = "sched_getscheduler")]
    private static partial int GetScheduler(int thread);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in int priority);

    /// <summary>A declaration, taken back at its end. <paramref name="isGranted"/>: there is something to take back.</summary>
    public readonly ref struct Declared(bool isGranted)
    {
        public void Dispose()
        {
            if (isGranted)
            {
                TakeBack(CallingThread);
            }
        }
    }
}
