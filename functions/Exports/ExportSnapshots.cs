using System.Collections.Concurrent;
using System.Data.Common;
using Portability.Sources;

namespace Portability.Exports;

/// <summary>
/// Holds one snapshot for each export and database, so that all files written in this process show the same moment, also those of
/// parallel parts. It is let go when the export is complete, erased, or left alone for a while; files written after that, or in another
/// process, have another, and the manifest says so.
/// </summary>
internal sealed class ExportSnapshots(TimeProvider clock, TimeSpan idle) : IAsyncDisposable
{
    private static readonly TimeSpan[] CheckAgainAfter = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)];

    private readonly ConcurrentDictionary<(ExportRef Export, string System), Held> _held = new();
    private readonly SemaphoreSlim _holding = new(1);

    /// <summary>Opens the export's moment of a database.</summary>
    /// <param name="export">Whose moment.</param>
    /// <param name="source">The database.</param>
    /// <param name="all">Every table that files of the export are read from.</param>
    /// <param name="tables">Those that this file is read from.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<OpenedSnapshot> OpenAsync(
        ExportRef export,
        ISqlSource source,
        IReadOnlyList<string> all,
        IReadOnlyList<string> tables,
        CancellationToken cancellationToken
    )
    {
        var held = await HoldAsync(export, source, all, cancellationToken);
        if (held is not null)
        {
            try
            {
                if (await held.Snapshot.OpenReadAsync(cancellationToken) is { } connection)
                {
                    return new(
                        connection,
                        held.At,
                        held.Snapshot.Name,
                        cancel => CheckAsync((export, source.System), held, tables, cancel)
                    );
                }
            }
            catch (SourceUnreachableException)
            {
                // The transaction that held it ended with its connection; the next attempt at this file holds a new one.
                await LetGoAsync((export, source.System), held);
                throw;
            }
        }

        var now = clock.GetUtcNow();
        return OpenedSnapshot.Own(await source.OpenReadAsync(cancellationToken), now);
    }

    /// <summary>Lets go of an export's snapshots.</summary>
    public async Task LetGoAsync(ExportRef export)
    {
        foreach (var (key, held) in _held.Where(held => held.Key.Export == export))
        {
            await LetGoAsync(key, held);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (key, held) in _held)
        {
            await LetGoAsync(key, held);
        }

        _holding.Dispose();
    }

    private async Task CheckAsync(
        (ExportRef Export, string System) key,
        Held held,
        IReadOnlyList<string> tables,
        CancellationToken cancellationToken
    )
    {
        if (await FindRewrittenAsync(held.Snapshot, tables, cancellationToken) is { } table)
        {
            // Whoever comes next, this file's next attempt too, holds a new one.
            await LetGoAsync(key, held);
            throw new TableRewrittenException(key.System, table);
        }
    }

    /// <summary>Asks more than once: what was read until now may have taken hours.</summary>
    private static async Task<string?> FindRewrittenAsync(
        ISharedSnapshot snapshot,
        IReadOnlyList<string> tables,
        CancellationToken cancellationToken
    )
    {
        foreach (var wait in CheckAgainAfter)
        {
            try
            {
                return await snapshot.FindRewrittenAsync(tables, cancellationToken);
            }
            catch (SourceUnreachableException)
            {
                await Task.Delay(wait, cancellationToken);
            }
        }

        return await snapshot.FindRewrittenAsync(tables, cancellationToken);
    }

    private async Task<Held?> HoldAsync(
        ExportRef export,
        ISqlSource source,
        IReadOnlyList<string> all,
        CancellationToken cancellationToken
    )
    {
        var key = (export, source.System);
        await _holding.WaitAsync(cancellationToken);
        try
        {
            if (!_held.TryGetValue(key, out var held))
            {
                var now = clock.GetUtcNow();
                var snapshot = await source.HoldSnapshotAsync(all, cancellationToken);
                if (snapshot is null)
                {
                    return null;
                }

                held = new Held(snapshot, now);
                // Real time: a clock that is moved must not end what is being read. Nobody waits for its end, and a connection that fails
                // on the way out has ended its snapshot by that.
                held.Idle = TimeProvider.System.CreateTimer(
                    _ => _ = LetGoAsync(key, held),
                    null,
                    idle,
                    Timeout.InfiniteTimeSpan
                );
                _held[key] = held;
            }

            held.Idle!.Change(idle, Timeout.InfiniteTimeSpan);
            return held;
        }
        finally
        {
            _holding.Release();
        }
    }

    private async Task LetGoAsync((ExportRef Export, string System) key, Held held)
    {
        if (_held.TryRemove(KeyValuePair.Create(key, held)))
        {
            await held.Idle!.DisposeAsync();
            await held.Snapshot.DisposeAsync();
        }
    }

    /// <summary>A connection in a snapshot.</summary>
    /// <param name="Connection">Reads it.</param>
    /// <param name="At">When it was taken.</param>
    /// <param name="Name">What it is called; null when it is this connection's alone.</param>
    /// <param name="CheckAsync">
    /// Throws <see cref="TableRewrittenException"/> when what was read through it is not what was there at that moment.
    /// </param>
    public sealed record OpenedSnapshot(
        DbConnection Connection,
        DateTimeOffset At,
        string? Name,
        Func<CancellationToken, Task> CheckAsync
    )
    {
        /// <summary>A snapshot that nobody shares, taken by what opened it.</summary>
        public static OpenedSnapshot Own(DbConnection connection, DateTimeOffset at) =>
            new(connection, at, null, _ => Task.CompletedTask);
    }

    private sealed class Held(ISharedSnapshot snapshot, DateTimeOffset at)
    {
        public ISharedSnapshot Snapshot => snapshot;

        public DateTimeOffset At => at;

        public ITimer? Idle { get; set; }
    }
}
