using Portability.Local.ParquetFormat;

namespace Parquet.Schema;

/// <summary>A column.</summary>
public class DataField : Field, ICloneable
{
    private readonly bool _isNullable;

    /// <param name="name">The column's name.</param>
    /// <param name="clrType">Type of its values; texts and byte arrays are nullable, and so is <c>T?</c>.</param>
    /// <param name="isNullable">When given, what counts instead.</param>
    /// <param name="isArray">Not to be had in the stand-in.</param>
    /// <param name="propertyName">For serialisers, which the stand-in does not have.</param>
    public DataField(
        string name,
        Type clrType,
        bool? isNullable = default,
        bool? isArray = default,
        string? propertyName = null
    )
        : base(name, SchemaType.Data)
    {
        ArgumentNullException.ThrowIfNull(clrType);
        var inner = Nullable.GetUnderlyingType(clrType);
        ClrType = PhysicalType.ClrTypeOf(inner ?? clrType);
        _isNullable = isNullable ?? (inner is not null || !clrType.IsValueType);
        IsArray = isArray ?? false;
        ClrNullableIfHasNullsType = _isNullable ? typeof(Nullable<>).MakeGenericType(ClrType) : ClrType;
    }

    /// <inheritdoc />
    public override bool IsNullable => _isNullable;

    public bool IsArray { get; }

    /// <summary>Type of the values without nulls: memory of characters for texts, memory of bytes for byte arrays.</summary>
    public Type ClrType { get; }

    public Type ClrNullableIfHasNullsType { get; set; }

    /// <summary>Number of the field in a table format above the file; -1 for none.</summary>
    public int FieldId { get; set; } = -1;

    /// <summary>True once a schema has taken the field in.</summary>
    internal bool IsAttached { get; private set; }

    public object Clone() => MemberwiseClone();

    public override bool Equals(object? obj) =>
        obj is DataField other
        && base.Equals(obj)
        && ClrType == other.ClrType
        && IsNullable == other.IsNullable
        && IsArray == other.IsArray;

    public override int GetHashCode() => base.GetHashCode();

    public override string ToString() => $"{Path} ({ClrType}{(IsNullable ? "?" : "")}{(IsArray ? "[]" : "")})";

    internal override void Attach()
    {
        MaxDefinitionLevel = IsNullable ? 1 : 0;
        IsAttached = true;
    }
}

/// <summary>A column, its type as a type argument.</summary>
public class DataField<T>(string name, bool? nullable = default) : DataField(name, typeof(T), nullable);
