using System.Globalization;
using System.Text.RegularExpressions;
using Parquet.Schema;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats.Parquet;

/// <summary>All columns of a row group, and which type each has found.</summary>
internal sealed partial class ParquetColumns : IDisposable
{
    private readonly IReadOnlyList<ColumnInfo> _infos;
    private readonly ParquetColumn[] _columns;
    private readonly ValueRoom<char> _characters = new();
    private readonly ValueRoom<byte> _blobs = new();

    public ParquetColumns(IReadOnlyList<ColumnInfo> infos)
    {
        _infos = infos;
        _columns = [.. infos.Select(Declared)];
    }

    public int Count => _columns.Length == 0 ? 0 : _columns[^1].Count;

    public long Bytes
    {
        get
        {
            var bytes = (_characters.Taken * sizeof(char)) + _blobs.Taken;
            foreach (var column in _columns)
            {
                bytes += column.Bytes;
            }

            return bytes;
        }
    }

    public IReadOnlyList<ParquetColumn> All => _columns;

    /// <summary>Columns that are text although they were declared otherwise.</summary>
    public IEnumerable<string> AsText =>
        _columns
            .Where((column, i) => column is TextColumn && Declared(_infos[i]) is not TextColumn)
            .Select(column => column.Field.Name);

    /// <summary>Takes a batch in; or a column, and the row in the batch, whose value it cannot hold. Then what was taken is of no use.</summary>
    public (int Column, int Row)? Add(RowBatch batch)
    {
        for (var i = 0; i < _columns.Length; i++)
        {
            if (_columns[i].Add(batch, i) is { } row)
            {
                return (i, row);
            }
        }

        return null;
    }

    /// <summary>Gives a column the next type that may hold what its type cannot; false when it is text already.</summary>
    public bool TryWiden(int column)
    {
        var name = _infos[column].Name;
        var narrow = _columns[column];
        _columns[column] = narrow is TimeColumn { IsUtc: true, HasValues: false }
            ? new TimeColumn(TimeColumn.FieldOf(name, isUtc: false))
            : Text(name);
        narrow.Dispose();
        return narrow is not TextColumn;
    }

    /// <summary>Empties all columns.</summary>
    public void Clear()
    {
        Array.ForEach(_columns, column => column.Clear());
        _characters.Clear();
        _blobs.Clear();
    }

    /// <summary>Gives all room back to the pool.</summary>
    public void Dispose()
    {
        Array.ForEach(_columns, column => column.Dispose());
        _characters.Dispose();
        _blobs.Dispose();
    }

    private TextColumn Text(string name) => new(new DataField<string>(name), _characters);

    private ParquetColumn Declared(ColumnInfo info) =>
        info.Kind switch
        {
            ColumnKind.Integer => new IntegerColumn(new DataField<long?>(info.Name)),
            ColumnKind.Real => new RealColumn(new DataField<double?>(info.Name)),
            ColumnKind.Boolean => new BooleanColumn(new DataField<bool?>(info.Name)),
            ColumnKind.Date => new DateColumn(new DataField<DateOnly?>(info.Name)),
            ColumnKind.DateTime => new TimeColumn(TimeColumn.FieldOf(info.Name, isUtc: true)),
            ColumnKind.Blob => new BlobColumn(new DataField<byte[]>(info.Name), _blobs),
            ColumnKind.Decimal when Size(info.DeclaredType) is var (precision, scale) => new DecimalColumn(
                new DecimalDataField(info.Name, precision, scale, isNullable: true)
            ),
            _ => Text(info.Name),
        };

    /// <summary>Precision and scale as declared, if a decimal of the framework holds them.</summary>
    private static (int Precision, int Scale)? Size(string declared)
    {
        var match = Sizes().Match(declared);
        if (!match.Success)
        {
            return null;
        }

        var precision = int.Parse(match.Groups["precision"].ValueSpan, CultureInfo.InvariantCulture);
        var scale = match.Groups["scale"] is { Success: true } group
            ? int.Parse(group.ValueSpan, CultureInfo.InvariantCulture)
            : 0;
        return precision is >= 1 and <= DecimalColumn.MostDigits && scale <= precision ? (precision, scale) : null;
    }

    [GeneratedRegex(@"\(\s*(?<precision>\d{1,3})\s*(,\s*(?<scale>\d{1,3})\s*)?\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sizes();
}
