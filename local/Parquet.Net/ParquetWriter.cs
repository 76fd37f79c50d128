using System.Buffers.Binary;
using Parquet.Schema;
using Portability.Local.ParquetFormat;

namespace Parquet;

/// <summary>Writes a Parquet file: row groups one after the other, then the footer when disposed of.</summary>
public sealed class ParquetWriter : ParquetActor, IAsyncDisposable
{
    private readonly ParquetSchema _schema;
    private readonly ParquetOptions _options;
    private readonly List<ParquetRowGroupWriter> _groups = [];
    private readonly Dictionary<string, string> _metadata = [];
    private bool _ended;

    private ParquetWriter(ParquetSchema schema, Stream output, ParquetOptions options)
        : base(output.CanSeek ? output : new CountingStream(output))
    {
        _schema = schema;
        _options = options;
    }

    /// <summary>Begins a file. Throws <see cref="NotSupportedException"/> for what only the package has.</summary>
    public static async Task<ParquetWriter> CreateAsync(
        ParquetSchema schema,
        Stream output,
        ParquetOptions? options = null,
        bool append = false,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(output);
        options ??= new ParquetOptions();
        PageCompression.Require(options.CompressionMethod);
        if (append)
        {
            throw new NotSupportedException("The embedded Parquet writer cannot append to a file.");
        }

        if (!output.CanWrite)
        {
            throw new ArgumentException("stream is not writeable", nameof(output));
        }

        var writer = new ParquetWriter(schema, output, options);
        await writer.Stream.WriteAsync(Footer.Magic, cancellationToken).ConfigureAwait(false);
        return writer;
    }

    /// <summary>Key-value pairs of the footer.</summary>
    public IReadOnlyDictionary<string, string> CustomMetadata
    {
        get => _metadata;
        set
        {
            _metadata.Clear();
            foreach (var (key, text) in value)
            {
                _metadata[key] = text;
            }
        }
    }

    /// <summary>Begins a row group; the one before must be complete.</summary>
    public ParquetRowGroupWriter CreateRowGroup()
    {
        var group = new ParquetRowGroupWriter(Stream, _schema, _options);
        _groups.Add(group);
        return group;
    }

    /// <summary>Writes the footer. The stream stays open.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        var footer = Footer.Bytes(_schema, _groups.ConvertAll(group => group.Facts), _metadata);
        await Stream.WriteAsync(footer).ConfigureAwait(false);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, footer.Length);
        await Stream.WriteAsync(length).ConfigureAwait(false);
        await Stream.WriteAsync(Footer.Magic).ConfigureAwait(false);
        await Stream.FlushAsync().ConfigureAwait(false);
    }
}
