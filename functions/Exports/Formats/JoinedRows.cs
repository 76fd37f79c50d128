using Portability.DataMap;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats;

/// <summary>Rows of <see cref="ScopedQueries.Joined"/>, one at a time, as texts.</summary>
internal sealed class JoinedRows : IDisposable
{
    private readonly JoinedColumns _wanted;
    private readonly RowReader _rows;
    private readonly ReportWords _words;
    private readonly string _format;
    private readonly int _rootKeys;
    private readonly int _keys;
    private bool _waits;
    private bool _ended;

    public JoinedRows(JoinedColumns wanted, RowReader rows, ReportWords words, string format)
    {
        (_wanted, _rows, _words, _format) = (wanted, rows, words, format);
        _rootKeys = wanted.Root.Key.Count;
        _keys = _rootKeys + (wanted.Rows?.Dataset.Key.Count ?? 0);
    }

    /// <summary>Rows read so far.</summary>
    public long Count { get; private set; }

    public IReadOnlyList<JoinedColumn> Columns => _wanted.Columns;

    public bool Read()
    {
        // A statement that has ended would begin anew.
        _ended = _ended || !_rows.Read();
        Count += _ended ? 0 : 1;
        return !_ended;
    }

    /// <summary>Moves to the next row if it belongs to the current row of <paramref name="outer"/>.</summary>
    public bool ReadWithin(JoinedRows outer)
    {
        if (!_waits && !Read())
        {
            return false;
        }

        for (var i = 0; i < _rootKeys; i++)
        {
            _rows.Get(i, out var mine);
            outer._rows.Get(i, out var theirs);
            if (mine.Kind != theirs.Kind || mine.Integer != theirs.Integer || !mine.Bytes.SequenceEqual(theirs.Bytes))
            {
                _waits = true;
                return false;
            }
        }

        _waits = false;
        return true;
    }

    /// <summary>Called at the end: a row that found no place means that both queries came in different orders.</summary>
    public void ThrowIfRowsAreLeft()
    {
        if (_waits || Read())
        {
            throw new InvalidDataException(
                $"Row {Count} of {_wanted.Rows!.Dataset.Table.Name} found no place: the row it refers to was not seen."
            );
        }
    }

    /// <summary>The columns of the current row.</summary>
    public string[] Texts()
    {
        var texts = new string[_wanted.Columns.Count];
        for (var i = 0; i < texts.Length; i++)
        {
            _rows.Get(_keys + i, out var cell);
            try
            {
                texts[i] = _words.Text(cell, _wanted.Columns[i].Column.Kind);
            }
            catch (FormatException unfit)
            {
                var table = (_wanted.Rows?.Dataset ?? _wanted.Root).Table.Name;
                throw new UnwritableValueException(_format, table, _wanted.Columns[i].Path, Count, unfit.Message);
            }
        }

        return texts;
    }

    /// <summary>True for columns whose values stand to the right in a table.</summary>
    public bool IsNumber(int column) =>
        _wanted.Columns[column].Column.Kind is ColumnKind.Integer or ColumnKind.Decimal or ColumnKind.Real;

    public void Dispose() => _rows.Dispose();
}
