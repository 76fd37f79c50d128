using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Portability.Storage;

/// <summary>
/// Streams one file into a block blob. Nothing is visible until <see cref="CommitAsync"/>, which succeeds for exactly one
/// of any number of attempts; the others get the winner's facts. Memory is two blocks, whatever the file's size: one being
/// filled, one being hashed and sent.
/// </summary>
public sealed class ExportFileWriter : IAsyncDisposable
{
    /// <summary>Bytes of a block. 50,000 blocks are allowed, so a file may reach 390 GiB; larger media take larger blocks.</summary>
    public const int DefaultBlockSize = 8 * 1024 * 1024;

    private const int FirstBuffer = 64 * 1024;
    private const int MostBlocks = 50_000;

    // One for all threads: the framework's keeps a block for each thread that ever gave one back.
    private static readonly ArrayPool<byte> Blocks = ArrayPool<byte>.Create(DefaultBlockSize, maxArraysPerBucket: 16);

    private readonly BlockBlobClient _blob;
    private readonly string _contentType;
    private readonly int _blockSize;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<string> _blocks = [];

    // Random per attempt: two attempts that stage at once must not overwrite each other's blocks.
    private readonly string _attempt = Guid.NewGuid().ToString("N");
    private byte[] _filling = Blocks.Rent(FirstBuffer);
    private int _filled;
    private Task _sending = Task.CompletedTask;
    private long _size;

    internal ExportFileWriter(BlockBlobClient blob, string contentType, int blockSize = DefaultBlockSize)
    {
        _blob = blob;
        _contentType = contentType;
        _blockSize = blockSize;
    }

    /// <summary>Bytes accepted so far.</summary>
    public long Size => _size;

    /// <summary>Accepts bytes; waits only when the block before is still on its way.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            var room = Math.Min(bytes.Length, _blockSize - _filled);
            Reserve(_filled + room);
            bytes.Span[..room].CopyTo(_filling.AsSpan(_filled));
            _filled += room;
            _size += room;
            bytes = bytes[room..];
            if (_filled == _blockSize)
            {
                await SendAsync(cancellationToken);
            }
        }
    }

    /// <summary>
    /// Makes the file visible with its facts as metadata, unless another attempt was first: then that one's facts come back.
    /// </summary>
    public async Task<ExportFileFacts> CommitAsync(
        long rows,
        DateTimeOffset snapshot,
        CancellationToken cancellationToken,
        string? snapshotName = null
    )
    {
        if (_filled > 0)
        {
            await SendAsync(cancellationToken);
        }

        await _sending;
        var facts = new ExportFileFacts(_size, Convert.ToHexStringLower(_hash.GetHashAndReset()), rows, snapshot)
        {
            SnapshotName = snapshotName,
        };
        try
        {
            await _blob.CommitBlockListAsync(
                _blocks,
                new CommitBlockListOptions
                {
                    HttpHeaders = new BlobHttpHeaders { ContentType = _contentType },
                    Metadata = facts.ToMetadata(),
                    Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
                },
                cancellationToken
            );
            return facts;
        }
        catch (RequestFailedException lost) when (lost.Status is 400 or 409 or 412)
        {
            // Also reached when the answer to our own commit was lost and the client repeated it. 400 (invalid block list)
            // is how a service answers whose winner's commit has swept away our uncommitted blocks.
            var winner = await ExportFileFacts.ReadAsync(_blob, cancellationToken);
            if (winner is null)
            {
                throw;
            }

            return winner;
        }
    }

    /// <summary>Gives the buffers back. Blocks that were never committed are dropped by the service.</summary>
    public async ValueTask DisposeAsync()
    {
        // The outcome of a block that is still on its way was either reported by a later call or no longer matters.
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _hash.Dispose();
        if (_filling.Length > 0)
        {
            Blocks.Return(_filling);
            _filling = [];
        }
    }

    private void Reserve(int length)
    {
        if (length <= _filling.Length)
        {
            return;
        }

        // Most files are far smaller than a block: grow towards it instead of starting there.
        var larger = Blocks.Rent(Math.Min(_blockSize, Math.Max(length, _filling.Length * 4)));
        _filling.AsSpan(0, _filled).CopyTo(larger);
        Blocks.Return(_filling);
        _filling = larger;
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        await _sending;
        if (_blocks.Count == MostBlocks)
        {
            throw new InvalidOperationException(
                $"{_blob.Name} needs more than {MostBlocks} blocks of {_blockSize} bytes."
            );
        }

        var id = Convert.ToBase64String(
            Encoding.ASCII.GetBytes(_attempt + _blocks.Count.ToString("x8", CultureInfo.InvariantCulture))
        );
        _blocks.Add(id);
        var (block, length) = (_filling, _filled);
        _filling = Blocks.Rent(FirstBuffer);
        _filled = 0;
        _sending = SendBlockAsync(id, block, length, cancellationToken);
    }

    private async Task SendBlockAsync(string id, byte[] block, int length, CancellationToken cancellationToken)
    {
        // Leaves the caller's thread, so that rows are read while this block is hashed and sent.
        await Task.Yield();
        try
        {
            _hash.AppendData(block, 0, length);
            using var content = new MemoryStream(block, 0, length, writable: false);
            await _blob.StageBlockAsync(id, content, cancellationToken: cancellationToken);
        }
        finally
        {
            Blocks.Return(block);
        }
    }
}
