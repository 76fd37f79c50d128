using System.Globalization;
using System.Text.RegularExpressions;
using Parquet.Schema;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats.Parquet;

/// <summary>All columns of a row group, and which type each has found.</summary>
internal sealed partial class ParquetColumns
{
    private readonly IReadOnlyList<ColumnInfo> _infos;
    private readonly ParquetColumn[] _columns;

    public ParquetColumns(IReadOnlyList<ColumnInfo> infos)
    {
        _infos = infos;
        _columns = [.. infos.Select(Declared)];
    }

    private ParquetColumns(IReadOnlyList<ColumnInfo> infos, IEnumerable<ParquetColumn> columns)
    {
        _infos = infos;
        _columns = [.. columns];
    }

    public int Count => _columns.Length == 0 ? 0 : _columns[^1].Count;

    public long Bytes => _columns.Sum(column => column.Bytes);

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
        var isText = _columns[column] is TextColumn;
        _columns[column] = _columns[column] is TimeColumn { IsUtc: true, HasValues: false }
            ? new TimeColumn(TimeColumn.FieldOf(name, isUtc: false))
            : new TextColumn(new DataField<string>(name));
        return !isText;
    }

    public void Clear() => Array.ForEach(_columns, column => column.Clear());

    /// <summary>Empty columns of the same types, for the same schema.</summary>
    public ParquetColumns Twin() => new(_infos, _columns.Select(Like));

    private static ParquetColumn Like(ParquetColumn column)
    {
        ParquetColumn like = column switch
        {
            TextColumn => new TextColumn(column.Field),
            IntegerColumn => new IntegerColumn(column.Field),
            RealColumn => new RealColumn(column.Field),
            BooleanColumn => new BooleanColumn(column.Field),
            DateColumn => new DateColumn(column.Field),
            TimeColumn => new TimeColumn((DateTimeDataField)column.Field),
            DecimalColumn => new DecimalColumn((DecimalDataField)column.Field),
            BlobColumn => new BlobColumn(column.Field),
            _ => throw new InvalidOperationException($"{column.GetType().Name} has no twin."),
        };
        like.HasValues = column.HasValues;
        return like;
    }

    private static ParquetColumn Declared(ColumnInfo info) =>
        info.Kind switch
        {
            ColumnKind.Integer => new IntegerColumn(new DataField<long?>(info.Name)),
            ColumnKind.Real => new RealColumn(new DataField<double?>(info.Name)),
            ColumnKind.Boolean => new BooleanColumn(new DataField<bool?>(info.Name)),
            ColumnKind.Date => new DateColumn(new DataField<DateOnly?>(info.Name)),
            ColumnKind.DateTime => new TimeColumn(TimeColumn.FieldOf(info.Name, isUtc: true)),
            ColumnKind.Blob => new BlobColumn(new DataField<byte[]>(info.Name)),
            ColumnKind.Decimal when Size(info.DeclaredType) is var (precision, scale) => new DecimalColumn(
                new DecimalDataField(info.Name, precision, scale, isNullable: true)
            ),
            _ => new TextColumn(new DataField<string>(info.Name)),
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
