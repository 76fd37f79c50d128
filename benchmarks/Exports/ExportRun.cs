using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Portability.DataMap;
using Portability.Exports;
using Portability.Exports.Formats;

namespace Portability.Benchmarks.Exports;

/// <summary>
/// The export of the benchmark's database in one format, by the same plan, parts, queries, snapshots and writers as in the app,
/// as many files at once as an export writes, each block hashed and written while the next is made; only that the bytes go to
/// files instead of to blob storage, as the peers' do.
/// </summary>
internal static class ExportRun
{
    private const int BlockSize = 1 << 20;

    private static readonly ArrayPool<byte> Blocks = ArrayPool<byte>.Create(BlockSize, maxArraysPerBucket: 16);

    public static async Task WriteAsync(string format, string database, string target)
    {
        var map = TenantDataMap.Load(Path.ChangeExtension(database, ".datamap.json"));
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Bench", await ConnectionAsync(database))])
            .Build();
        var sources = new ExportSources(new MappedSystems(map, settings));
        var order = new ExportOrder
        {
            CaseId = "bench",
            Number = 1,
            CustomerId = "bench",
            Formats = [format],
            RequestedAt = DateTimeOffset.UnixEpoch,
        };
        var plan = await new ExportPlanner(sources, new ExportLimits()).PlanAsync(order, default);
        var contents = new FileContents(sources, TimeProvider.System);
        await Parallel.ForEachAsync(
            plan.Files,
            new ParallelOptions { MaxDegreeOfParallelism = ExportLimits.FilesAtOnce },
            async (file, token) =>
            {
                await using var content = await contents.OpenAsync(plan, file, token);
                var written = $"{target}.{file.Index}";
                var (bytes, hash) = await WriteAsync(content, written, token);
                Console.WriteLine($"{file.Path}: {content.Rows} rows, {bytes} bytes, {hash}");
                File.Delete(written);
            }
        );
        // What the collector had to do: of pooled and short-lived memory it hardly hears.
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"allocated {GC.GetTotalAllocatedBytes() / 1048576} MB; collections {GC.CollectionCount(0)}, {GC.CollectionCount(1)}, {GC.CollectionCount(2)}"
            )
        );
    }

    /// <summary>As the app's own writer does: pieces are gathered in a block, and one block is hashed and sent while the next fills.</summary>
    private static async Task<(long Bytes, string Hash)> WriteAsync(
        IFileContent content,
        string target,
        CancellationToken token
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var buffer = new RowBuffer();
        using var output = File.OpenHandle(target, FileMode.Create, FileAccess.Write, FileShare.None);
        var (filling, sending) = (Blocks.Rent(BlockSize), Blocks.Rent(BlockSize));
        var (filled, size) = (0, 0L);
        var sent = Task.CompletedTask;
        var more = true;
        while (more)
        {
            more = await content.FillAsync(buffer, token);
            for (var piece = buffer.Written; !piece.IsEmpty; )
            {
                var taken = Math.Min(piece.Length, BlockSize - filled);
                piece.Span[..taken].CopyTo(filling.AsSpan(filled));
                filled += taken;
                piece = piece[taken..];
                if (filled == BlockSize)
                {
                    await SendAsync();
                }
            }

            buffer.Clear();
        }

        await SendAsync();
        await sent;
        Blocks.Return(filling);
        Blocks.Return(sending);
        return (size, Convert.ToHexStringLower(hash.GetHashAndReset()));

        async Task SendAsync()
        {
            await sent;
            (filling, sending) = (sending, filling);
            var (block, length, offset) = (sending, filled, size);
            size += filled;
            filled = 0;
            sent = Task.Run(
                () =>
                {
                    hash.AppendData(block, 0, length);
                    RandomAccess.Write(output, block.AsSpan(0, length), offset);
                },
                token
            );
        }
    }

    /// <summary>A SQLite file, or beside its name a file with the connection string of another database.</summary>
    private static async Task<string> ConnectionAsync(string database)
    {
        var other = Path.ChangeExtension(database, ".connection");
        return File.Exists(other) ? await File.ReadAllTextAsync(other) : $"Data Source={database}";
    }
}
