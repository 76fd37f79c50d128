using System.Runtime.InteropServices;

namespace Portability.Local.ParquetFormat;

/// <summary>The smallest and the largest value of a column, as they are stored; null where there is none.</summary>
internal sealed record MinMax(byte[]? Min, byte[]? Max)
{
    public static MinMax None { get; } = new(null, null);
}

/// <summary>Finds the range of byte strings in the order of their bytes, which for UTF-8 is that of the code points.</summary>
/// <remarks>Keeps places in the page instead of copies. Long values are not worth their room in the footer.</remarks>
[StructLayout(LayoutKind.Auto)]
internal struct ByteOrder
{
    private const int Longest = 512;

    private (int Start, int Length)? _min;
    private (int Start, int Length)? _max;

    /// <summary>Takes in a value that stands, or will stand, at a place of the page.</summary>
    public void See(ByteBuffer page, int start, ReadOnlySpan<byte> value)
    {
        if (_min is not { } min || value.SequenceCompareTo(page.At(0).Slice(min.Start, min.Length)) < 0)
        {
            _min = (start, value.Length);
        }

        if (_max is not { } max || value.SequenceCompareTo(page.At(0).Slice(max.Start, max.Length)) > 0)
        {
            _max = (start, value.Length);
        }
    }

    public readonly MinMax Range(ByteBuffer page) =>
        _min is { Length: <= Longest } min && _max is { Length: <= Longest } max
            ? new MinMax(
                page.Span.Slice(min.Start, min.Length).ToArray(),
                page.Span.Slice(max.Start, max.Length).ToArray()
            )
            : MinMax.None;
}
