using System.Runtime.InteropServices;

namespace Portability.Exports.Rows;

/// <summary>How a database stored one value; not what its column was declared as.</summary>
internal enum CellKind : byte
{
    Null,
    Integer,
    Real,
    Text,
    Blob,
}

/// <summary>One value of the current row. Bytes are valid until the reader moves on.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly ref struct Cell
{
    private readonly long _bits;

    public Cell(long number)
    {
        Kind = CellKind.Integer;
        _bits = number;
    }

    public Cell(double number)
    {
        Kind = CellKind.Real;
        _bits = BitConverter.DoubleToInt64Bits(number);
    }

    public Cell(CellKind kind, ReadOnlySpan<byte> bytes)
    {
        Kind = kind;
        Bytes = bytes;
    }

    public CellKind Kind { get; }

    public long Integer => _bits;

    public double Real => BitConverter.Int64BitsToDouble(_bits);

    /// <summary>UTF-8 of a text, or a blob's bytes.</summary>
    public ReadOnlySpan<byte> Bytes { get; }
}

/// <summary>
/// Rows of one query, forwards only, one at a time, without an object a value. Reading blocks: rows come from an embedded
/// database or from a buffered result.
/// </summary>
internal abstract class RowReader : IDisposable
{
    /// <summary>Number of values in a row.</summary>
    public abstract int Width { get; }

    /// <summary>Moves to the next row; false after the last.</summary>
    public abstract bool Read();

    /// <summary>A value of the current row, by position.</summary>
    public abstract void Get(int column, out Cell cell);

    /// <summary>Replaces what is in a batch by the next rows. Not to be called again after the batch that is the last.</summary>
    public virtual void Fill(RowBatch batch)
    {
        batch.Clear();
        while (!batch.IsFull)
        {
            if (!Read())
            {
                batch.IsLast = true;
                return;
            }

            batch.Add(this);
        }
    }

    /// <summary>
    /// Gives the next rows to a sink, on the caller's thread and without a copy in between, until it has enough: false after the last
    /// row. Not to be mixed with the other ways to read.
    /// </summary>
    public virtual bool Pour<TSink>(ref TSink sink)
        where TSink : struct, IRowSink
    {
        while (Read())
        {
            for (var i = 0; i < Width; i++)
            {
                Get(i, out var cell);
                switch (cell.Kind)
                {
                    case CellKind.Integer:
                        sink.Integer(i, cell.Integer);
                        break;
                    case CellKind.Real:
                        sink.Real(i, cell.Real);
                        break;
                    case CellKind.Text:
                        sink.Text(i, cell.Bytes);
                        break;
                    case CellKind.Blob:
                        sink.Blob(i, cell.Bytes);
                        break;
                    default:
                        sink.Null(i);
                        break;
                }
            }

            if (!sink.EndRow())
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
