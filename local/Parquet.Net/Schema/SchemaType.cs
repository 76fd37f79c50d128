namespace Parquet.Schema;

/// <summary>Kinds of fields; the stand-in has data fields only.</summary>
public enum SchemaType
{
    Data = 0,
    Map = 1,
    Struct = 2,
    List = 3,
}
