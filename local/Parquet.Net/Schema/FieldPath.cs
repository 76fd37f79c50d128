namespace Parquet.Schema;

/// <summary>A column's place in the schema; here always one name.</summary>
public sealed class FieldPath : IEquatable<FieldPath>, IFormattable
{
    private readonly List<string> _parts;

    public FieldPath(string firstPart) => _parts = [firstPart ?? throw new ArgumentNullException(nameof(firstPart))];

    public FieldPath(IEnumerable<string> parts) => _parts = [.. parts.Where(part => !string.IsNullOrEmpty(part))];

    public FieldPath(params string[] parts)
        : this((IEnumerable<string>)parts) { }

    public string? FirstPart => _parts.Count == 0 ? null : _parts[0];

    public int Length => _parts.Count;

    public string this[int i] => _parts[i];

    public void Append(string value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            _parts.Add(value);
        }
    }

    public List<string> ToList() => [.. _parts];

    public bool Equals(FieldPath? other) => other is not null && _parts.SequenceEqual(other._parts);

    public override bool Equals(object? obj) => Equals(obj as FieldPath);

    public override int GetHashCode() =>
        _parts.Aggregate(19, (hash, part) => HashCode.Combine(hash, part.GetHashCode(StringComparison.Ordinal)));

    public override string ToString() => string.Join('/', _parts);

    /// <param name="format">What stands between the parts.</param>
    /// <param name="formatProvider">Not looked at.</param>
    public string ToString(string? format, IFormatProvider? formatProvider) =>
        format is null ? ToString() : string.Join(format, _parts);

    public static FieldPath operator +(FieldPath? left, FieldPath? right) =>
        new((left?._parts ?? []).Concat(right?._parts ?? []));
}
