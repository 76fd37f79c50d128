namespace Portability.Local.Engine;

/// <summary>
/// Waiters and buffered events of one generation. Names compare without case; the newest waiter is served first;
/// buffered events come out in the order they arrived. A cancelled waiter stays, as it does officially, and swallows an
/// event that finds it on top.
/// </summary>
internal sealed class ExternalEvents
{
    private Dictionary<string, Stack<Waiter>>? _waiters;
    private LinkedList<EventRaised>? _buffer;

    /// <summary>Whether anybody still waits.</summary>
    public bool HasWaiters => _waiters is not null && _waiters.Values.Any(stack => stack.Any(waiter => waiter.IsOpen));

    /// <summary>Events nobody took, in order of arrival.</summary>
    public IReadOnlyList<EventRaised> Buffered => _buffer is null ? [] : [.. _buffer];

    /// <summary>Takes the oldest buffered event of a name.</summary>
    public bool TryTake(string name, out string? payload)
    {
        for (LinkedListNode<EventRaised>? node = _buffer?.First; node is not null; node = node.Next)
        {
            if (string.Equals(node.Value.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                payload = node.Value.Payload;
                _buffer!.Remove(node);
                return true;
            }
        }
        payload = null;
        return false;
    }

    /// <summary>Adds a waiter.</summary>
    /// <exception cref="ArgumentException">An older waiter of this name expects another type.</exception>
    public Task<T> Wait<T>(string name, Func<string?, T> read, CancellationToken cancellationToken)
    {
        _waiters ??= new(StringComparer.OrdinalIgnoreCase);
        if (!_waiters.TryGetValue(name, out Stack<Waiter>? stack))
        {
            _waiters.Add(name, stack = new());
        }
        else if (stack.TryPeek(out Waiter? newest) && newest.Type != typeof(T))
        {
            throw new ArgumentException(
                $"Events named '{name}' are awaited as {newest.Type}; they cannot be awaited as {typeof(T)} too.",
                nameof(name)
            );
        }
        var waiter = new Waiter<T>(read);
        if (cancellationToken.CanBeCanceled)
        {
            cancellationToken.Register(() => waiter.Cancel(cancellationToken));
        }
        stack.Push(waiter);
        return waiter.Task;
    }

    /// <summary>Gives an event to the newest waiter, or keeps it.</summary>
    public void Raise(EventRaised raised)
    {
        if (_waiters is not null && _waiters.TryGetValue(raised.Name, out Stack<Waiter>? stack))
        {
            Waiter waiter = stack.Pop();
            if (stack.Count == 0)
            {
                _waiters.Remove(raised.Name);
            }
            waiter.Complete(raised.Payload);
        }
        else
        {
            (_buffer ??= new()).AddLast(raised);
        }
    }

    private abstract class Waiter
    {
        public abstract Type Type { get; }

        public abstract bool IsOpen { get; }

        public abstract void Complete(string? payload);
    }

    private sealed class Waiter<T>(Func<string?, T> read) : Waiter
    {
        private readonly TaskCompletionSource<T> _source = new();

        public override Type Type => typeof(T);

        public override bool IsOpen => !_source.Task.IsCompleted;

        public Task<T> Task => _source.Task;

        public override void Complete(string? payload) => _source.TrySetResult(read(payload));

        public void Cancel(CancellationToken cancellationToken) => _source.TrySetCanceled(cancellationToken);
    }
}
