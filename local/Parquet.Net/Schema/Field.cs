namespace Parquet.Schema;

/// <summary>An element of a schema.</summary>
public abstract class Field
{
    protected Field(string name, SchemaType schemaType)
    {
        Name = name ?? throw new ArgumentNullException(nameof(name));
        SchemaType = schemaType;
        Path = new FieldPath(name);
    }

    public SchemaType SchemaType { get; }

    public string Name { get; }

    public FieldPath Path { get; }

    public virtual bool IsNullable => false;

    public int MaxRepetitionLevel { get; protected set; }

    public int MaxDefinitionLevel { get; protected set; }

    public override bool Equals(object? obj) =>
        obj is Field other
        && SchemaType == other.SchemaType
        && Name == other.Name
        && Path.Equals(other.Path)
        && MaxDefinitionLevel == other.MaxDefinitionLevel
        && MaxRepetitionLevel == other.MaxRepetitionLevel;

    public override int GetHashCode() => HashCode.Combine(SchemaType, Name);

    public override string ToString() => $"{Path} ({SchemaType})";

    /// <summary>Called by the schema that takes the field in.</summary>
    internal abstract void Attach();
}
