using System.Buffers.Binary;

namespace Portability.Local.ParquetFormat;

/// <summary>
/// Small numbers as runs of equal values mixed with groups of eight packed to their width: how Parquet writes definition levels
/// and dictionary indexes.
/// </summary>
internal static class HybridEncoder
{
    /// <summary>Levels as a data page of the first version has them: with their length in front.</summary>
    public static void WriteLevels(ByteBuffer output, ReadOnlySpan<int> levels, int count)
    {
        var start = output.Count;
        output.Reserve(4);
        output.Advance(4);
        if (levels.IsEmpty)
        {
            WriteRun(output, 1, count, bits: 1);
        }
        else
        {
            Write(output, levels, bits: 1);
        }

        // The buffer may have moved since.
        BinaryPrimitives.WriteInt32LittleEndian(output.At(start), output.Count - start - 4);
    }

    public static void Write(ByteBuffer output, ReadOnlySpan<int> values, int bits)
    {
        var packed = 0;
        for (var i = 0; i < values.Length; )
        {
            var run = RunAt(values, i);
            // Packed values come in groups of eight, so a run that follows them first fills their last group.
            var filling = Math.Min(run, (8 - ((i - packed) & 7)) & 7);
            if (run - filling >= 8)
            {
                WritePacked(output, values[packed..(i + filling)], bits);
                WriteRun(output, values[i], run - filling, bits);
                packed = i + run;
            }

            i += run;
        }

        WritePacked(output, values[packed..], bits);
    }

    private static int RunAt(ReadOnlySpan<int> values, int start)
    {
        var different = values[start..].IndexOfAnyExcept(values[start]);
        return different < 0 ? values.Length - start : different;
    }

    private static void WriteRun(ByteBuffer output, int value, int count, int bits)
    {
        if (count == 0)
        {
            return;
        }

        WriteVarint(output, (uint)count << 1);
        for (var written = 0; written < bits; written += 8)
        {
            output.WriteByte((byte)(value >> written));
        }
    }

    private static void WritePacked(ByteBuffer output, ReadOnlySpan<int> values, int bits)
    {
        if (values.IsEmpty)
        {
            return;
        }

        var groups = (values.Length + 7) / 8;
        WriteVarint(output, ((uint)groups << 1) | 1);
        var bytes = output.Reserve(groups * bits)[..(groups * bits)];
        var (pending, held, at) = (0ul, 0, 0);
        foreach (var value in values)
        {
            pending |= (ulong)(uint)value << held;
            held += bits;
            while (held >= 8)
            {
                bytes[at++] = (byte)pending;
                pending >>= 8;
                held -= 8;
            }
        }

        if (held > 0)
        {
            bytes[at++] = (byte)pending;
        }

        // The last group is filled up with zeros, which the count of the page tells readers to leave.
        bytes[at..].Clear();
        output.Advance(bytes.Length);
    }

    private static void WriteVarint(ByteBuffer output, uint value)
    {
        while (value >= 0x80)
        {
            output.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        output.WriteByte((byte)value);
    }
}
