namespace Parquet.Schema;

/// <summary>The columns of a file.</summary>
public class ParquetSchema : IEquatable<ParquetSchema>
{
    public const string PathSeparator = ".";

    public const char PathSeparatorChar = '.';

    private readonly List<Field> _fields;

    public ParquetSchema(IEnumerable<Field> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        _fields = [.. fields];
        if (_fields.Count == 0)
        {
            throw new ArgumentException("at least one field is required", nameof(fields));
        }

        _fields.ForEach(field => field.Attach());
    }

    public ParquetSchema(params Field[] fields)
        : this((IEnumerable<Field>)fields) { }

    public IReadOnlyList<Field> Fields => _fields;

    public DataField[] DataFields => GetDataFields();

    public Field this[int i] => _fields[i];

    public DataField[] GetDataFields() => [.. _fields.OfType<DataField>()];

    public DataField FindDataField(FieldPath path) =>
        DataFields.FirstOrDefault(field => field.Path.Equals(path))
        ?? throw new ArgumentException($"data field '{path}' not found", nameof(path));

    public DataField FindDataField(string path) => FindDataField(new FieldPath(path));

    public IReadOnlyCollection<Field> Flatten() => _fields;

    public bool Equals(ParquetSchema? other) => other is not null && DataFields.SequenceEqual(other.DataFields);

    public override bool Equals(object? obj) => obj?.GetType() == GetType() && Equals((ParquetSchema)obj);

    public override int GetHashCode() => DataFields.Aggregate(1, (hash, field) => hash * field.GetHashCode());

    public string GetNotEqualsMessage(ParquetSchema other, string thisName, string otherName)
    {
        ArgumentNullException.ThrowIfNull(other);
        return DataFields.Length != other.DataFields.Length
            ? $"different number of elements ({DataFields.Length} != {other.DataFields.Length})"
            : string.Join(
                ", ",
                DataFields
                    .Zip(other.DataFields)
                    .Where(pair => !pair.First.Equals(pair.Second))
                    .Select(pair => $"[{thisName}: {pair.First}] != [{otherName}: {pair.Second}]")
            );
    }

    public override string ToString() => string.Concat(_fields.Select(field => field + Environment.NewLine));
}
