using Portability.Exports.Formats;
using Portability.Storage;

namespace Portability.Exports;

/// <summary>A file on its way from source to store, which may be left and taken up again within one process.</summary>
internal sealed class WriteSession(OpenedContent opened, Func<ExportFileWriter> open) : IAsyncDisposable
{
    private readonly RowBuffer _buffer = new();
    private ExportFileWriter _writer = open();
    private int _attempt;

    public long Rows => opened.Content.Rows;

    public long Bytes => _writer.Size;

    /// <summary>When somebody last worked on it, by <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long LastUsed { get; set; }

    /// <summary>Moves one piece; false when the content has ended.</summary>
    public async ValueTask<bool> StepAsync(CancellationToken cancellationToken)
    {
        var more = await opened.Content.FillAsync(_buffer, cancellationToken);
        if (opened.Content.Attempt != _attempt)
        {
            // The blocks sent so far are never committed, and the service drops them.
            _attempt = opened.Content.Attempt;
            await _writer.DisposeAsync();
            _writer = open();
        }

        await _writer.WriteAsync(_buffer.Written, cancellationToken);
        _buffer.Clear();
        return more;
    }

    /// <summary>Makes the file visible, if what was read is what the snapshot held.</summary>
    public async Task<ExportFileFacts> CommitAsync(CancellationToken cancellationToken)
    {
        await opened.CheckAsync(cancellationToken);
        return await _writer.CommitAsync(
            opened.Content.Rows,
            opened.Content.Snapshot,
            cancellationToken,
            opened.Snapshot
        );
    }

    public async ValueTask DisposeAsync()
    {
        await opened.Content.DisposeAsync();
        await _writer.DisposeAsync();
        _buffer.Dispose();
    }
}
