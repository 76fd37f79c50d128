using System.Runtime.ExceptionServices;

namespace Portability.Exports.Rows;

/// <summary>
/// Reads rows on a thread of its own, a few batches ahead of whoever formats them. The first batch is read by the caller, so
/// that a small table costs no thread.
/// </summary>
/// <remarks>
/// The reader below, and with it its connection, belongs to that thread until this is disposed of: nothing else may use the
/// connection meanwhile. It is a thread and not a task, since both sides block while they wait for each other.
/// </remarks>
internal sealed class ReadAheadReader : RowReader
{
    private const int Batches = 4;

    private readonly RowReader _inner;
    private readonly RowBatch[] _batches;
    private readonly SemaphoreSlim _free = new(Batches - 1);
    private readonly SemaphoreSlim _full = new(0);
    private Thread? _thread;
    private volatile bool _stopped;
    private ExceptionDispatchInfo? _fault;
    private bool _begun;
    private int _batch;
    private int _row = -1;

    public ReadAheadReader(RowReader inner)
    {
        _inner = inner;
        _batches = [.. Enumerable.Range(0, Batches).Select(_ => new RowBatch(inner.Width))];
    }

    public override int Width => _inner.Width;

    public override bool Read()
    {
        if (!_begun)
        {
            _begun = true;
            _inner.Fill(_batches[0]);
        }

        if (++_row < _batches[_batch].Rows)
        {
            return true;
        }

        return !_batches[_batch].IsLast && NextBatch();
    }

    /// <summary>The next rows all together; null after the last. Valid until the next call. Not to be mixed with <see cref="Read"/>.</summary>
    public RowBatch? ReadBatch()
    {
        if (!_begun)
        {
            _begun = true;
            _inner.Fill(_batches[0]);
        }
        else if (_batches[_batch].IsLast || !NextBatch())
        {
            return null;
        }

        return _batches[_batch];
    }

    public override void Get(int column, out Cell cell) => _batches[_batch].Get(_row, column, out cell);

    protected override void Dispose(bool disposing)
    {
        _stopped = true;
        _free.Release();
        _thread?.Join();
        _inner.Dispose();
        foreach (var batch in _batches)
        {
            batch.Dispose();
        }

        _free.Dispose();
        _full.Dispose();
    }

    private bool NextBatch()
    {
        if (_thread is null)
        {
            _thread = new Thread(ReadAll) { IsBackground = true, Name = "export rows" };
            _thread.Start();
        }
        else
        {
            _free.Release();
        }

        _full.Wait();
        _batch = (_batch + 1) % Batches;
        _row = 0;
        _fault?.Throw();
        return _batches[_batch].Rows > 0;
    }

    private void ReadAll()
    {
        try
        {
            for (var next = 1; ; next = (next + 1) % Batches)
            {
                _free.Wait();
                if (_stopped)
                {
                    return;
                }

                _inner.Fill(_batches[next]);
                _full.Release();
                if (_batches[next].IsLast)
                {
                    return;
                }
            }
        }
        catch (Exception fault)
        {
            // The one who waits for the rows gets it.
            _fault = ExceptionDispatchInfo.Capture(fault);
            _full.Release();
        }
    }
}
