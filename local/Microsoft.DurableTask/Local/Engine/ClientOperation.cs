namespace Portability.Local.Engine;

/// <summary>A caller's request to the store; its task ends when the transaction is committed.</summary>
internal sealed class ClientOperation<T>(IdleTracker idle, Func<StoreSession, T> apply, Action<T>? committed = null)
    : IStoreOperation
{
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;
    private Exception? _refusal;

    /// <summary>Hands the request to the writer.</summary>
    public Task<T> SubmitTo(StoreWriter writer)
    {
        idle.Begin();
        writer.Submit(this);
        return _source.Task;
    }

    public void Apply(StoreSession session)
    {
        _refusal = null;
        try
        {
            _result = apply(session);
        }
        catch (Exception refusal) when (refusal is not Microsoft.Data.Sqlite.SqliteException)
        {
            // Requests are refused before they write, so the rest of the transaction stands.
            _refusal = refusal;
        }
    }

    public void Committed()
    {
        if (_refusal is null)
        {
            committed?.Invoke(_result!);
            _source.SetResult(_result!);
        }
        else
        {
            _source.SetException(_refusal);
        }
        idle.End();
    }

    public void Failed(Exception fault)
    {
        _source.SetException(fault);
        idle.End();
    }
}
