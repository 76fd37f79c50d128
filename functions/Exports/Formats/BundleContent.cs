using System.IO.Compression;

namespace Portability.Exports.Formats;

/// <summary>A file that goes into a ZIP of the whole export: its name there, and how to read it.</summary>
internal sealed record BundledFile(string Path, Func<CancellationToken, Task<Stream>> OpenAsync);

/// <summary>
/// All files of an export as one ZIP, written as it is read: sizes and checksums stand behind each file, 64 bits wide where they need it
/// (Zip64), so nothing has to be known before. Every file is deflated, also what does not get smaller: some readers do not accept
/// a stored file whose size comes after it.
/// </summary>
internal sealed class BundleContent : IFileContent
{
    private readonly IEnumerator<BundledFile> _files;
    private readonly ZipArchive _archive;
    private readonly byte[] _piece = new byte[64 * 1024];
    private readonly BufferStream _stream = new();
    private Stream? _from;
    private Stream? _to;

    public BundleContent(IEnumerable<BundledFile> files, DateTimeOffset now)
    {
        _files = files.GetEnumerator();
        _archive = new ZipArchive(_stream, ZipArchiveMode.Create, leaveOpen: true);
        Snapshot = now;
    }

    /// <summary>Files in it so far.</summary>
    public long Rows { get; private set; }

    public DateTimeOffset Snapshot { get; }

    public async ValueTask<bool> FillAsync(RowBuffer output, CancellationToken cancellationToken)
    {
        _stream.Target = output;
        while (!output.IsFull)
        {
            if (_from is null)
            {
                if (!_files.MoveNext())
                {
                    await _archive.DisposeAsync();
                    return false;
                }

                _from = await _files.Current.OpenAsync(cancellationToken);
                var entry = _archive.CreateEntry(_files.Current.Path, CompressionLevel.Fastest);
                // The same files give the same bytes, whenever they are put together.
                entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
                _to = await entry.OpenAsync(cancellationToken);
            }

            var read = await _from.ReadAsync(_piece, cancellationToken);
            if (read > 0)
            {
                await _to!.WriteAsync(_piece.AsMemory(0, read), cancellationToken);
                continue;
            }

            Rows++;
            await CloseAsync();
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        using var nowhere = new RowBuffer();
        // An archive that is left in the middle writes its end all the same.
        _stream.Target = nowhere;
        await CloseAsync();
        await _archive.DisposeAsync();
        _files.Dispose();
    }

    private async ValueTask CloseAsync()
    {
        if (_to is { } to)
        {
            _to = null;
            await to.DisposeAsync();
        }

        if (_from is { } from)
        {
            _from = null;
            await from.DisposeAsync();
        }
    }
}
