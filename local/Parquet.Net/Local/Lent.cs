using System.Buffers;

namespace Portability.Local.ParquetFormat;

/// <summary>
/// The pool that pages and dictionaries are lent from: one for all threads, unlike the framework's, so that memory does not grow with
/// the number of threads that take turns at a file.
/// </summary>
internal static class Lent<T>
{
    private const int Longest = 16 * 1024 * 1024;
    private const int ArraysOfALength = 32;

    public static ArrayPool<T> Pool { get; } = ArrayPool<T>.Create(Longest, ArraysOfALength);
}
