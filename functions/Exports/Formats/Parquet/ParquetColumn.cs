using System.Globalization;
using System.Runtime.CompilerServices;
using Parquet;
using Parquet.Schema;
using Portability.Exports.Rows;

namespace Portability.Exports.Formats.Parquet;

/// <summary>The values of one column for one row group, in the type that the file gives them.</summary>
internal abstract class ParquetColumn(DataField field) : IDisposable
{
    public DataField Field { get; } = field;

    /// <summary>Values and nulls.</summary>
    public abstract int Count { get; }

    /// <summary>Bytes held, about; what lies in a <see cref="ValueRoom{T}"/> is counted there.</summary>
    public abstract long Bytes { get; }

    /// <summary>True once a value that is no null was taken, from the begin of the file.</summary>
    public bool HasValues { get; set; }

    /// <summary>Takes in a column of a batch; the first row whose value the type cannot hold exactly, null when all went in.</summary>
    public abstract int? Add(RowBatch batch, int column);

    public abstract Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken);

    /// <summary>Empties it for the next row group.</summary>
    public abstract void Clear();

    /// <summary>Gives its room back to the pool.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

/// <summary>A column of one type: values that are there, and for every row whether one is.</summary>
/// <remarks>
/// Both lists are large objects, which only a full collection frees: made anew for each of many files they were more than half of
/// the process's memory. So they come from the pool.
/// </remarks>
internal abstract class ParquetColumn<T>(DataField field) : ParquetColumn(field)
    where T : struct
{
    private T[] _values = [];
    private int[] _levels = [];
    private int _count;
    private int _rows;

    public override int Count => _rows;

    public override long Bytes => (_count * (long)Unsafe.SizeOf<T>()) + (_rows * 4L);

    public override int? Add(RowBatch batch, int column)
    {
        var rows = _rows + batch.Rows;
        if (_levels.Length < rows)
        {
            Grow(ref _levels, rows);
        }

        if (_values.Length < rows)
        {
            Grow(ref _values, rows);
        }

        for (var row = 0; row < batch.Rows; row++)
        {
            batch.Get(row, column, out var cell);
            if (cell.Kind == CellKind.Null)
            {
                _levels[_rows++] = 0;
            }
            else if (TryRead(cell, out _values[_count]))
            {
                _count++;
                _levels[_rows++] = 1;
                HasValues = true;
            }
            else
            {
                return row;
            }
        }

        return null;
    }

    public override Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken) =>
        group.WriteAllPartsAsync<T>(
            Field,
            _values.AsMemory(0, _count),
            _levels.AsMemory(0, _rows),
            null,
            cancellationToken
        );

    public override void Clear() => _count = _rows = 0;

    protected abstract bool TryRead(in Cell cell, out T value);

    protected override void Dispose(bool disposing)
    {
        Return(_levels);
        Return(_values);
        (_levels, _values, _count, _rows) = ([], [], 0, 0);
    }

    private static void Grow<TItem>(ref TItem[] array, int length)
    {
        var larger = Lent<TItem>.Pool.Rent(Math.Max(length, array.Length * 4));
        array.CopyTo(larger, 0);
        Return(array);
        array = larger;
    }

    private static void Return<TItem>(TItem[] array)
    {
        if (array.Length > 0)
        {
            Lent<TItem>.Pool.Return(array, RuntimeHelpers.IsReferenceOrContainsReferences<TItem>());
        }
    }
}

/// <summary>Whole numbers.</summary>
internal sealed class IntegerColumn(DataField field) : ParquetColumn<long>(field)
{
    protected override bool TryRead(in Cell cell, out long value)
    {
        value = cell.Integer;
        return cell.Kind == CellKind.Integer;
    }
}

/// <summary>Floating-point numbers.</summary>
internal sealed class RealColumn(DataField field) : ParquetColumn<double>(field)
{
    private const long LargestExact = 1L << 53;

    protected override bool TryRead(in Cell cell, out double value)
    {
        value = cell.Kind == CellKind.Integer ? cell.Integer : cell.Real;
        return cell.Kind == CellKind.Real
            || (cell.Kind == CellKind.Integer && cell.Integer is >= -LargestExact and <= LargestExact);
    }
}

/// <summary>True and false.</summary>
internal sealed class BooleanColumn(DataField field) : ParquetColumn<bool>(field)
{
    protected override bool TryRead(in Cell cell, out bool value)
    {
        value = cell.Integer == 1;
        return cell.Kind == CellKind.Integer && cell.Integer is 0 or 1;
    }
}

/// <summary>Days.</summary>
internal sealed class DateColumn(DataField field) : ParquetColumn<DateOnly>(field)
{
    protected override bool TryRead(in Cell cell, out DateOnly value)
    {
        value = default;
        return cell.Kind == CellKind.Text && DateText.TryDate(cell.Bytes, out value);
    }
}

/// <summary>Times to the microsecond: all of them UTC, or none.</summary>
internal sealed class TimeColumn(DateTimeDataField field) : ParquetColumn<DateTime>(field)
{
    public bool IsUtc { get; } = field.IsAdjustedToUTC;

    public static DateTimeDataField FieldOf(string name, bool isUtc) =>
        new(name, DateTimeFormat.Timestamp, isUtc, DateTimeTimeUnit.Micros, isNullable: true);

    protected override bool TryRead(in Cell cell, out DateTime value)
    {
        value = default;
        return cell.Kind == CellKind.Text
            && DateText.TryDateTime(cell.Bytes, out value, out var utc)
            && utc == IsUtc
            && value.Ticks % TimeSpan.TicksPerMicrosecond == 0;
    }
}

/// <summary>Decimals of a precision and scale.</summary>
internal sealed class DecimalColumn(DecimalDataField field) : ParquetColumn<decimal>(field)
{
    /// <summary>Digits that a <see cref="decimal" /> always holds.</summary>
    public const int MostDigits = 28;

    private readonly decimal _beyond = (decimal)Math.Pow(10, field.Precision - field.Scale);
    private readonly int _scale = field.Scale;

    protected override bool TryRead(in Cell cell, out decimal value)
    {
        value = cell.Kind == CellKind.Integer ? cell.Integer : 0;
        var isNumber = cell.Kind switch
        {
            CellKind.Integer => true,
            CellKind.Real => TryReal(cell.Real, out value),
            CellKind.Text => TryText(
                cell.Bytes,
                NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
                out value
            ),
            _ => false,
        };
        return isNumber && decimal.Abs(value) < _beyond && decimal.Round(value, _scale) == value;
    }

    /// <summary>A real stands for the decimal that it is written as.</summary>
    private static bool TryReal(double real, out decimal value)
    {
        value = 0;
        Span<byte> text = stackalloc byte[40];
        return double.IsFinite(real)
            && real.TryFormat(text, out var length, default, CultureInfo.InvariantCulture)
            && TryText(text[..length], NumberStyles.Float, out value);
    }

    /// <summary>Longer texts might be rounded in reading.</summary>
    private static bool TryText(ReadOnlySpan<byte> text, NumberStyles styles, out decimal value)
    {
        value = 0;
        return text.Length <= MostDigits && decimal.TryParse(text, styles, CultureInfo.InvariantCulture, out value);
    }
}

/// <summary>Bytes.</summary>
internal sealed class BlobColumn(DataField field, ValueRoom<byte> room) : ParquetColumn<ReadOnlyMemory<byte>>(field)
{
    protected override bool TryRead(in Cell cell, out ReadOnlyMemory<byte> value)
    {
        value = default;
        if (cell.Kind != CellKind.Blob)
        {
            return false;
        }

        var free = room.Reserve(cell.Bytes.Length);
        cell.Bytes.CopyTo(free.Span);
        value = room.Take(free, cell.Bytes.Length);
        return true;
    }
}
