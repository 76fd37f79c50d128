using System.Buffers;
using Parquet.Schema;
using Portability.Local.ParquetFormat;

namespace Parquet;

/// <summary>Writes one row group: a call a column, in the order of the schema, all of the same number of rows.</summary>
public class ParquetRowGroupWriter : IDisposable
{
    private readonly Stream _stream;
    private readonly DataField[] _fields;
    private readonly ParquetOptions _options;

    internal ParquetRowGroupWriter(Stream stream, ParquetSchema schema, ParquetOptions options)
    {
        _stream = stream;
        _fields = schema.DataFields;
        _options = options;
    }

    /// <summary>What the footer tells of the group.</summary>
    internal RowGroupFacts Facts { get; } = new();

    /// <summary>Writes a text column.</summary>
    public async Task WriteAsync(
        DataField field,
        IReadOnlyCollection<string?> values,
        ReadOnlyMemory<int>? repetitionLevels = default
    )
    {
        ArgumentNullException.ThrowIfNull(values);
        var texts = new ReadOnlyMemory<char>?[values.Count];
        var i = 0;
        foreach (var value in values)
        {
            // Not plain null: that converts to empty memory, by way of an array.
            texts[i++] = value is null ? default(ReadOnlyMemory<char>?) : value.AsMemory();
        }

        await WriteAsync<ReadOnlyMemory<char>>(field, texts, repetitionLevels).ConfigureAwait(false);
    }

    /// <summary>Writes a column of bytes.</summary>
    public async Task WriteAsync(
        DataField field,
        IReadOnlyCollection<byte[]?> values,
        ReadOnlyMemory<int>? repetitionLevels = default
    )
    {
        ArgumentNullException.ThrowIfNull(values);
        var blobs = new ReadOnlyMemory<byte>?[values.Count];
        var i = 0;
        foreach (var value in values)
        {
            blobs[i++] = value is null ? default(ReadOnlyMemory<byte>?) : value.AsMemory();
        }

        await WriteAsync<ReadOnlyMemory<byte>>(field, blobs, repetitionLevels).ConfigureAwait(false);
    }

    /// <summary>Writes a nullable column.</summary>
    public async Task WriteAsync<T>(
        DataField field,
        ReadOnlyMemory<T?> values,
        ReadOnlyMemory<int>? repetitionLevels = default,
        Dictionary<string, string>? customMetadata = null,
        CancellationToken cancellationToken = default
    )
        where T : struct
    {
        var present = ArrayPool<T>.Shared.Rent(Math.Max(values.Length, 1));
        var levels = ArrayPool<int>.Shared.Rent(Math.Max(values.Length, 1));
        try
        {
            var count = Split(values.Span, present, levels);
            await WriteColumnAsync<T>(
                    field,
                    present.AsMemory(0, count),
                    levels.AsMemory(0, values.Length),
                    repetitionLevels,
                    customMetadata,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<T>.Shared.Return(present, clearArray: true);
            ArrayPool<int>.Shared.Return(levels);
        }
    }

    /// <summary>Writes a column without nulls.</summary>
    public Task WriteAsync<T>(
        DataField field,
        ReadOnlyMemory<T> values,
        ReadOnlyMemory<int>? repetitionLevels = default,
        Dictionary<string, string>? customMetadata = null,
        CancellationToken cancellationToken = default
    )
        where T : struct => WriteColumnAsync(field, values, null, repetitionLevels, customMetadata, cancellationToken);

    /// <summary>Writes the values that are there and the definition levels of all (1: there, 0: null).</summary>
    public Task WriteAllPartsAsync<T>(
        DataField field,
        ReadOnlyMemory<T> values,
        ReadOnlyMemory<int>? definitionValues,
        ReadOnlyMemory<int>? repetitionLevels,
        CancellationToken cancellationToken
    )
        where T : struct =>
        WriteColumnAsync(field, values, definitionValues, repetitionLevels, null, cancellationToken);

    /// <summary>Throws <see cref="InvalidOperationException"/> when columns are missing.</summary>
    public void CompleteValidate()
    {
        if (Facts.Columns.Count < _fields.Length)
        {
            var missing = _fields.Skip(Facts.Columns.Count).Select(field => field.Name);
            throw new InvalidOperationException(
                $"Not all columns were written: {string.Join(", ", missing)} of {_fields.Length} are missing."
            );
        }
    }

    public void Dispose() => GC.SuppressFinalize(this);

    private static int Split<T>(ReadOnlySpan<T?> values, Span<T> present, Span<int> levels)
        where T : struct
    {
        var count = 0;
        for (var i = 0; i < values.Length; i++)
        {
            levels[i] = values[i].HasValue ? 1 : 0;
            if (values[i] is { } value)
            {
                present[count++] = value;
            }
        }

        return count;
    }

    private async Task WriteColumnAsync<T>(
        DataField field,
        ReadOnlyMemory<T> values,
        ReadOnlyMemory<int>? definitionLevels,
        ReadOnlyMemory<int>? repetitionLevels,
        Dictionary<string, string>? customMetadata,
        CancellationToken cancellationToken
    )
        where T : struct
    {
        ArgumentNullException.ThrowIfNull(field);
        Check<T>(field, repetitionLevels);
        // A nullable column without levels has no nulls.
        var count = definitionLevels?.Length ?? values.Length;
        if (Facts.Rows is { } rows && rows != count)
        {
            throw new InvalidOperationException(
                $"Column '{field.Name}' has {count} rows, but the row group expects {rows} rows."
            );
        }

        var levels = definitionLevels is { } given ? given.Span : [];
        using var chunk = ColumnChunkBytes.Encode(field, values.Span, levels, count, _options);
        Facts.Rows = count;
        Facts.Columns.Add(chunk.Facts(_stream.Position, customMetadata));
        await _stream.WriteAsync(chunk.Written, cancellationToken).ConfigureAwait(false);
    }

    private void Check<T>(DataField field, ReadOnlyMemory<int>? repetitionLevels)
    {
        if (repetitionLevels is not null || field.IsArray)
        {
            throw new NotSupportedException("The embedded Parquet writer has no repeated columns.");
        }

        if (Facts.Columns.Count >= _fields.Length)
        {
            throw new InvalidOperationException(
                $"Cannot write column '{field.Name}': all {_fields.Length} columns of the schema have been written."
            );
        }

        var expected = _fields[Facts.Columns.Count];
        if (!field.IsAttached)
        {
            throw new ArgumentException($"Field [{field}] is not attached to any schema.", nameof(field));
        }

        if (!field.Equals(expected))
        {
            throw new ArgumentException(
                $"cannot write this column, expected '{expected.Name}', passed: '{field.Name}'",
                nameof(field)
            );
        }

        if (field.ClrType != typeof(T))
        {
            throw new ArgumentException($"expected values of type {field.ClrType} but passed {typeof(T)}");
        }
    }
}
