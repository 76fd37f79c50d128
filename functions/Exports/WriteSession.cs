using Portability.Exports.Formats;
using Portability.Storage;

namespace Portability.Exports;

/// <summary>A file on its way from source to store, which may be left and taken up again within one process.</summary>
internal sealed class WriteSession(IFileContent content, string? snapshot, Func<ExportFileWriter> open)
    : IAsyncDisposable
{
    private readonly RowBuffer _buffer = new();
    private ExportFileWriter _writer = open();
    private int _attempt;

    public long Rows => content.Rows;

    public long Bytes => _writer.Size;

    /// <summary>When somebody last worked on it, by <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long LastUsed { get; set; }

    /// <summary>Moves one piece; false when the content has ended.</summary>
    public async ValueTask<bool> StepAsync(CancellationToken cancellationToken)
    {
        var more = await content.FillAsync(_buffer, cancellationToken);
        if (content.Attempt != _attempt)
        {
            // The blocks sent so far are never committed, and the service drops them.
            _attempt = content.Attempt;
            await _writer.DisposeAsync();
            _writer = open();
        }

        await _writer.WriteAsync(_buffer.Written, cancellationToken);
        _buffer.Clear();
        return more;
    }

    public Task<ExportFileFacts> CommitAsync(CancellationToken cancellationToken) =>
        _writer.CommitAsync(content.Rows, content.Snapshot, cancellationToken, snapshot);

    public async ValueTask DisposeAsync()
    {
        await content.DisposeAsync();
        await _writer.DisposeAsync();
        _buffer.Dispose();
    }
}
