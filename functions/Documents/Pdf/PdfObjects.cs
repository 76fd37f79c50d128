using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Portability.Documents.Pdf;

/// <summary>
/// The numbered objects of a PDF file (ISO 32000-1, 7.3 and 7.5), written as they come. Of what is written only each
/// object's place is remembered, for the table at the end.
/// </summary>
internal sealed class PdfObjects : IDisposable
{
    private readonly Stream _output;
    private readonly List<long> _places = [0];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly MemoryStream _compressed = new();
    private long _position;

    public PdfObjects(Stream output)
    {
        _output = output;
        // The comment's bytes above 127 tell programs that this is not text.
        Write("%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n");
    }

    /// <summary>A number for an object that is written later.</summary>
    public int Reserve()
    {
        _places.Add(0);
        return _places.Count - 1;
    }

    public void Add(int number, string body)
    {
        Begin(number);
        Write(body);
        Write("\nendobj\n");
    }

    /// <summary>A compressed stream.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="entries">Entries of its dictionary beside length and filter.</param>
    /// <param name="content">Its bytes, not compressed.</param>
    public void AddStream(int number, string entries, ReadOnlySpan<byte> content)
    {
        _compressed.SetLength(0);
        using (var zlib = new ZLibStream(_compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(content);
        }

        Begin(number);
        Write($"<< {entries} /Length {_compressed.Length} /Filter /FlateDecode >>\nstream\n");
        Write(_compressed.GetBuffer().AsSpan(0, (int)_compressed.Length));
        Write("\nendstream\nendobj\n");
    }

    /// <summary>The table of places and the trailer. The file's identifier follows from its content.</summary>
    public void Finish(int catalogue, int information)
    {
        var table = _position;
        var id = Convert.ToHexString(_hash.GetCurrentHash().AsSpan(0, 16));
        Write($"xref\n0 {_places.Count}\n0000000000 65535 f \n");
        for (var i = 1; i < _places.Count; i++)
        {
            Write($"{_places[i]:D10} 00000 n \n");
        }

        Write($"trailer\n<< /Size {_places.Count} /Root {catalogue} 0 R /Info {information} 0 R ");
        Write($"/ID [<{id}> <{id}>] >>\nstartxref\n{table}\n%%EOF\n");
    }

    public void Dispose()
    {
        _hash.Dispose();
        _compressed.Dispose();
    }

    /// <summary>A text as PDF's own strings hold it outside of pages: UTF-16 with a mark, in hexadecimal.</summary>
    public static string Text(string text) => $"<FEFF{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(text))}>";

    private void Begin(int number)
    {
        _places[number] = _position;
        Write($"{number} 0 obj\n");
    }

    private void Write(FormattableString text) => Write(text.ToString(CultureInfo.InvariantCulture));

    private void Write(string text) => Write(Encoding.Latin1.GetBytes(text));

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _output.Write(bytes);
        _hash.AppendData(bytes);
        _position += bytes.Length;
    }
}
