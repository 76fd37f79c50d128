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
    private readonly ConcurrentDictionary<(ExportRef Export, string System), Held> _held = new();
    private readonly SemaphoreSlim _holding = new(1);

    /// <summary>A connection that reads the export's moment of the database, when that was, and its name: null when it is this file's alone.</summary>
    public async Task<(DbConnection Connection, DateTimeOffset At, string? Name)> OpenAsync(
        ExportRef export,
        ISqlSource source,
        CancellationToken cancellationToken
    )
    {
        var held = await HoldAsync(export, source, cancellationToken);
        if (held is not null)
        {
            try
            {
                if (await held.Snapshot.OpenReadAsync(cancellationToken) is { } connection)
                {
                    return (connection, held.At, held.Snapshot.Name);
                }
            }
            catch (SourceUnreachableException)
            {
                // The transaction that held it ended with its connection; the next attempt at this file holds a new one.
                await LetGoAsync((export, source.System));
                throw;
            }
        }

        var now = clock.GetUtcNow();
        return (await source.OpenReadAsync(cancellationToken), now, null);
    }

    /// <summary>Lets go of an export's snapshots.</summary>
    public async Task LetGoAsync(ExportRef export)
    {
        foreach (var key in _held.Keys.Where(key => key.Export == export))
        {
            await LetGoAsync(key);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var key in _held.Keys)
        {
            await LetGoAsync(key);
        }

        _holding.Dispose();
    }

    private async Task<Held?> HoldAsync(ExportRef export, ISqlSource source, CancellationToken cancellationToken)
    {
        var key = (export, source.System);
        await _holding.WaitAsync(cancellationToken);
        try
        {
            if (!_held.TryGetValue(key, out var held))
            {
                var now = clock.GetUtcNow();
                var snapshot = await source.HoldSnapshotAsync(cancellationToken);
                if (snapshot is null)
                {
                    return null;
                }

                held = new Held(snapshot, now);
                // Real time: a clock that is moved must not end what is being read. Nobody waits for its end, and a connection that fails
                // on the way out has ended its snapshot by that.
                held.Idle = TimeProvider.System.CreateTimer(
                    _ => _ = LetGoAsync(key),
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

    private async Task LetGoAsync((ExportRef Export, string System) key)
    {
        if (_held.TryRemove(key, out var held))
        {
            await held.Idle!.DisposeAsync();
            await held.Snapshot.DisposeAsync();
        }
    }

    private sealed class Held(ISharedSnapshot snapshot, DateTimeOffset at)
    {
        public ISharedSnapshot Snapshot => snapshot;

        public DateTimeOffset At => at;

        public ITimer? Idle { get; set; }
    }
}
