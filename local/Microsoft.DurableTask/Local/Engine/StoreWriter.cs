using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Portability.Local.Engine;

/// <summary>Something to be stored, and what follows when it is.</summary>
internal interface IStoreOperation
{
    /// <summary>Writes; called again when the transaction had to be rolled back.</summary>
    void Apply(StoreSession session);

    /// <summary>The transaction is committed. Called in the order of the operations.</summary>
    void Committed();

    /// <summary>The store cannot be written any more.</summary>
    void Failed(Exception fault);
}

/// <summary>
/// The one writer of a store: a thread that puts all operations that wait into one transaction, in their order. The
/// busier the engine, the more steps share a commit.
/// </summary>
internal sealed class StoreWriter : IDisposable
{
    private const int MaxBatch = 1_000;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly StoreSession _session;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly Lock _enqueue = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly CancellationTokenSource _abandon = new();
    private Queue<IStoreOperation> _waiting = new();
    private bool _stopping;
    private Exception? _fault;

    public StoreWriter(StoreSession session, ILogger logger)
    {
        _session = session;
        _logger = logger;
        _thread = new Thread(Run) { Name = "durable store", IsBackground = true };
        _thread.Start();
    }

    public void Submit(IStoreOperation operation)
    {
        Exception? refusal;
        bool first = false;
        lock (_enqueue)
        {
            refusal = _fault ?? (_stopping ? new ObjectDisposedException("The durable engine has stopped.") : null);
            if (refusal is null)
            {
                _waiting.Enqueue(operation);
                first = _waiting.Count == 1;
            }
        }
        if (refusal is not null)
        {
            operation.Failed(refusal);
        }
        else if (first)
        {
            _wake.Release();
        }
    }

    /// <summary>Stores what was submitted and ends.</summary>
    public void Dispose()
    {
        lock (_enqueue)
        {
            _stopping = true;
        }
        _wake.Release();
        // A store that cannot be written (a full disk) must not keep the process from ending.
        if (!_thread.Join(TimeSpan.FromSeconds(30)))
        {
            _abandon.Cancel();
            _thread.Join();
        }
        _session.Dispose();
    }

    private void Run()
    {
        var batch = new List<IStoreOperation>();
        while (true)
        {
            _wake.Wait();
            Queue<IStoreOperation> taken;
            bool stopping;
            lock (_enqueue)
            {
                (taken, _waiting) = (_waiting, new());
                stopping = _stopping;
            }
            while (taken.Count > 0)
            {
                batch.Clear();
                while (batch.Count < MaxBatch && taken.TryDequeue(out IStoreOperation? operation))
                {
                    batch.Add(operation);
                }
                Write(batch);
            }
            if (stopping)
            {
                return;
            }
        }
    }

    private void Write(List<IStoreOperation> batch)
    {
        Exception? fault = Volatile.Read(ref _fault) ?? Commit(batch);
        foreach (IStoreOperation operation in batch)
        {
            if (fault is null)
            {
                operation.Committed();
            }
            else
            {
                operation.Failed(fault);
            }
        }
    }

    private Exception? Commit(List<IStoreOperation> batch)
    {
        TimeSpan pause = TimeSpan.FromMilliseconds(100);
        while (true)
        {
            try
            {
                _session.Begin();
                foreach (IStoreOperation operation in batch)
                {
                    operation.Apply(_session);
                }
                _session.Commit();
                return null;
            }
            catch (Exception fault)
            {
                TryRollback();
                if (!IsPassing(fault) || _abandon.IsCancellationRequested)
                {
                    _logger.LogCritical(fault, "The durable store cannot be written; the engine has stopped working.");
                    lock (_enqueue)
                    {
                        _fault = fault;
                    }
                    return fault;
                }
                // Nothing is lost by waiting: what is in memory is ahead of the store by this batch only.
                _logger.LogError(fault, "The durable store could not be written; trying again in {Pause}.", pause);
                _abandon.Token.WaitHandle.WaitOne(pause);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private void TryRollback()
    {
        try
        {
            _session.Rollback();
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself, or had not begun.
        }
    }

    // Busy, locked, I/O error, full: worth another attempt.
    private static bool IsPassing(Exception fault) => fault is SqliteException { SqliteErrorCode: 5 or 6 or 10 or 13 };
}
