using System.Globalization;

namespace Portability;

/// <summary>
/// Declares the runtime's own threads that wait at sockets <see cref="BatchWork"/>, until the last of these is disposed of. Bytes that arrive wake
/// such a thread first, for it to wake their reader: it too would interrupt the server that sends them.
/// </summary>
/// <remarks>
/// They serve all sockets of the process, and threads that they make begin as usual ones. Who waits for single answers, as an erasure does, waits a
/// little longer meanwhile, if both processors are busy.
/// </remarks>
internal sealed class BatchSockets : IDisposable
{
    private const string Threads = "/proc/self/task";

    /// <summary>As the runtime names them, in System.Net.Sockets; there are as many as it made when the first socket was waited at.</summary>
    private const string Name = ".NET Sockets";

    private static readonly Lock Door = new();
    private static int[] _waiting = [];
    private static int[] _declared = [];
    private static int _living;

    private bool _disposed;

    public BatchSockets()
    {
        lock (Door)
        {
            if (_living++ == 0)
            {
                _waiting = _waiting.Length > 0 ? _waiting : Find();
                _declared = [.. _waiting.Where(BatchWork.TryDeclare)];
            }
        }
    }

    public void Dispose()
    {
        lock (Door)
        {
            if (!_disposed && --_living == 0)
            {
                Array.ForEach(_declared, BatchWork.TakeBack);
            }

            _disposed = true;
        }
    }

    private static int[] Find()
    {
        try
        {
            return [.. Directory.EnumerateDirectories(Threads).Select(NumberOf).Where(IsWaiting)];
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool IsWaiting(int thread)
    {
        try
        {
            return File.ReadAllText($"{Threads}/{thread.ToString(CultureInfo.InvariantCulture)}/comm").TrimEnd()
                == Name;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static int NumberOf(string thread) =>
        int.Parse(Path.GetFileName(thread), NumberStyles.None, CultureInfo.InvariantCulture);
}
