using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Portability.Sources;

/// <summary>Rows in the text form of PostgreSQL's COPY: tabs between cells, a line feed after each row.</summary>
internal sealed class PostgresCopyText : ICellSink
{
    private static readonly SearchValues<byte> Special = SearchValues.Create("\\\t\n\r"u8);
    private readonly ArrayBufferWriter<byte> written = new(1 << 16);
    private bool isFirst = true;

    public int Length => written.WrittenCount;

    public ReadOnlyMemory<byte> Written => written.WrittenMemory;

    public void Clear() => written.ResetWrittenCount();

    public void EndRow()
    {
        written.Write("\n"u8);
        isFirst = true;
    }

    public void Null()
    {
        Begin();
        written.Write("\\N"u8);
    }

    public void Integer(long value)
    {
        Begin();
        Utf8Formatter.TryFormat(value, written.GetSpan(20), out var length);
        written.Advance(length);
    }

    public void Real(double value) => Plain(value.ToString("R", CultureInfo.InvariantCulture));

    public void Text(ReadOnlySpan<byte> utf8)
    {
        Begin();
        for (int at; (at = utf8.IndexOfAny(Special)) >= 0; utf8 = utf8[(at + 1)..])
        {
            written.Write(utf8[..at]);
            written.Write(
                utf8[at] switch
                {
                    (byte)'\t' => "\\t"u8,
                    (byte)'\n' => "\\n"u8,
                    (byte)'\r' => "\\r"u8,
                    _ => "\\\\"u8,
                }
            );
        }
        written.Write(utf8);
    }

    public void Bytes(ReadOnlySpan<byte> value) => Plain("\\\\x" + Convert.ToHexStringLower(value));

    public void Other(object value)
    {
        switch (value)
        {
            case DateOnly day:
                Plain(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                break;
            case DateTime { Kind: DateTimeKind.Utc } instant:
                Plain(instant.ToString("O", CultureInfo.InvariantCulture));
                break;
            case DateTime local:
                Plain(local.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture));
                break;
            default:
                Text(Encoding.UTF8.GetBytes(Convert.ToString(value, CultureInfo.InvariantCulture)!));
                break;
        }
    }

    /// <summary>What holds nothing that would have to be escaped.</summary>
    private void Plain(string text)
    {
        Begin();
        written.Advance(Encoding.UTF8.GetBytes(text, written.GetSpan(text.Length * 3)));
    }

    private void Begin()
    {
        if (!isFirst)
        {
            written.Write("\t"u8);
        }
        isFirst = false;
    }
}
