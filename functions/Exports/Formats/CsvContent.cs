using System.Text;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats;

/// <summary>
/// A table as RFC 4180 CSV: UTF-8 without a byte order mark, CRLF, a header row. A null is an empty field, an empty text is
/// <c>""</c>; blobs are base64; infinite numbers are <c>Infinity</c> and <c>-Infinity</c>.
/// </summary>
/// <remarks>
/// <para>Formula guard: a text that a spreadsheet would run as a formula gets an apostrophe in front, and so does a text that
/// begins with an apostrophe itself. So the guard can be undone without knowing the data: take one leading apostrophe off
/// every field that has one.</para>
/// <para>Numbers stay as they are, also in columns declared numeric that keep them as text.</para>
/// <para>Fields are written straight from what the database gave, on the thread that reads it: files are made as many at once as
/// there are processors, so a second thread for each would only add copies and waits.</para>
/// </remarks>
internal sealed class CsvContent(ContentInput input) : IFileContent
{
    /// <summary>How the guard is described to whoever reads the files, in the manifest.</summary>
    public const string GuardNote =
        "CSV: a field that begins with an apostrophe had one put in front, because its text begins with = + - @, a tab or a line "
        + "break (also after spaces or in full-width form), which spreadsheets run as a formula, or with an apostrophe of its "
        + "own. Take one leading apostrophe off every field that has one to get the exact value. A null is an empty field, an "
        + "empty text is \"\"; binary values are base64.";

    private readonly RowReader _rows = input.Open(input.Rows());
    private readonly IReadOnlyList<ColumnInfo> _columns = input.Root.ExportColumns;
    private readonly bool[] _numeric =
    [
        .. input.Root.ExportColumns.Select(column =>
            column.Kind is ColumnKind.Integer or ColumnKind.Decimal or ColumnKind.Real
        ),
    ];

    private bool _begun;

    public long Rows { get; private set; }

    public DateTimeOffset Snapshot => input.Snapshot;

    public ValueTask<bool> FillAsync(RowBuffer output, CancellationToken cancellationToken)
    {
        if (!_begun)
        {
            _begun = true;
            WriteHeader(output);
        }

        var row = new Row(this, output);
        return ValueTask.FromResult(_rows.Pour(ref row));
    }

    public async ValueTask DisposeAsync()
    {
        _rows.Dispose();
        await input.Connection.DisposeAsync();
    }

    private void WriteHeader(RowBuffer output)
    {
        var row = new Row(this, output);
        for (var i = 0; i < _columns.Count; i++)
        {
            row.Text(i, Encoding.UTF8.GetBytes(_columns[i].Name));
        }

        output.Write("\r\n"u8);
    }

    private UnwritableValueException Unwritable(int column, string reason) =>
        new("CSV", input.Root.Table.Name, _columns[column].Name, Rows + 1, reason);

    /// <summary>The row that is being written.</summary>
    private readonly struct Row(CsvContent content, RowBuffer output) : IRowSink
    {
        public void Null(int column) => Separate(column);

        public void Integer(int column, long number)
        {
            Separate(column);
            NumberText.WriteInteger(output, number);
        }

        public void Real(int column, double number)
        {
            Separate(column);
            CsvText.WriteReal(output, number);
        }

        public void Text(int column, ReadOnlySpan<byte> utf8)
        {
            Separate(column);
            if (CsvText.WriteText(output, utf8, content._numeric[column]) is { } reason)
            {
                throw content.Unwritable(column, reason);
            }
        }

        public void Plain(int column, ReadOnlySpan<byte> ascii)
        {
            Separate(column);
            output.Write(ascii);
        }

        public void Blob(int column, ReadOnlySpan<byte> bytes)
        {
            Separate(column);
            CsvText.WriteBlob(output, bytes);
        }

        public bool EndRow()
        {
            output.Write("\r\n"u8);
            content.Rows++;
            return !output.IsFull;
        }

        private void Separate(int column)
        {
            if (column > 0)
            {
                output.Write((byte)',');
            }
        }
    }
}
