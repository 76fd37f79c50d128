using Parquet.Schema;

namespace Portability.Local.ParquetFormat;

/// <summary>The metadata at the end of a file.</summary>
internal static class Footer
{
    private const string Writer = "Portability embedded Parquet writer version 1.0.0 (build 0)";

    public static byte[] Magic { get; } = "PAR1"u8.ToArray();

    public static byte[] Bytes(
        ParquetSchema schema,
        IReadOnlyCollection<RowGroupFacts> groups,
        IReadOnlyDictionary<string, string> metadata
    )
    {
        using var output = new ByteBuffer();
        var thrift = new ThriftWriter(output);
        thrift.Structure(() =>
        {
            thrift.Int32(1, 1);
            thrift.Structures(2, [null, .. schema.DataFields], field => WriteElement(thrift, schema, field));
            thrift.Int64(3, groups.Sum(group => group.Rows ?? 0));
            thrift.Structures(4, groups, group => WriteGroup(thrift, group));
            WriteMetadata(thrift, 5, metadata);
            thrift.Text(6, Writer);
            // Without the order that statistics are in, readers must not use them.
            thrift.Structures(7, schema.DataFields, _ => thrift.Structure(1, () => { }));
        });
        return output.Span.ToArray();
    }

    /// <summary>A column, or the root above all of them.</summary>
    private static void WriteElement(ThriftWriter thrift, ParquetSchema schema, DataField? field)
    {
        if (field is null)
        {
            thrift.Text(4, "root");
            thrift.Int32(5, schema.DataFields.Length);
            return;
        }

        var type = PhysicalType.Of(field);
        thrift.Int32(1, (int)type.Type);
        thrift.Int32(2, type.Length);
        thrift.Int32(3, field.IsNullable ? 1 : 0);
        thrift.Text(4, field.Name);
        thrift.Int32(6, type.Converted);
        thrift.Int32(7, type.Scale);
        thrift.Int32(8, type.Precision);
        thrift.Int32(9, field.FieldId == -1 ? null : field.FieldId);
        if (type.Logical is { } logical)
        {
            thrift.Structure(10, () => logical(thrift));
        }
    }

    private static void WriteGroup(ThriftWriter thrift, RowGroupFacts group)
    {
        thrift.Structures(1, group.Columns, column => WriteColumn(thrift, column));
        thrift.Int64(2, group.Columns.Sum(column => column.Uncompressed));
        thrift.Int64(3, group.Rows ?? 0);
        thrift.Int64(5, group.Columns.FirstOrDefault()?.Start);
        thrift.Int64(6, group.Columns.Sum(column => column.Compressed));
    }

    private static void WriteColumn(ThriftWriter thrift, ColumnFacts column)
    {
        thrift.Int64(2, column.Start);
        thrift.Structure(
            3,
            () =>
            {
                thrift.Int32(1, (int)column.Type.Type);
                thrift.Int32List(2, column.Encodings);
                thrift.TextList(3, [column.Field.Name]);
                thrift.Int32(4, column.Codec);
                thrift.Int64(5, column.Values);
                thrift.Int64(6, column.Uncompressed);
                thrift.Int64(7, column.Compressed);
                WriteMetadata(thrift, 8, column.Metadata);
                thrift.Int64(9, column.DataPage);
                thrift.Int64(11, column.DictionaryPage);
                thrift.Structure(12, () => column.WriteStatistics(thrift));
            }
        );
    }

    private static void WriteMetadata(ThriftWriter thrift, int id, IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is { Count: > 0 })
        {
            thrift.Structures(
                id,
                metadata,
                pair =>
                {
                    thrift.Text(1, pair.Key);
                    thrift.Text(2, pair.Value);
                }
            );
        }
    }
}
