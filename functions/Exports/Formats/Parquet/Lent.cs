using System.Buffers;

namespace Portability.Exports.Formats.Parquet;

/// <summary>The pool that Parquet's large lists are lent from, one for all threads.</summary>
/// <remarks>
/// The framework's own pool keeps some of what comes back for the thread that gave it, and work goes from thread to thread: memory
/// then grows with the threads that a busy host makes. Here it is what was in use at once, and no more.
/// </remarks>
internal static class Lent<T>
{
    /// <summary>Length of the largest array that is kept when it comes back.</summary>
    public const int Longest = 256 * 1024;

    private const int ArraysOfALength = 128;

    public static ArrayPool<T> Pool { get; } = ArrayPool<T>.Create(Longest, ArraysOfALength);
}
