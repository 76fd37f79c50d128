using Portability.Local.Bus;

namespace Azure.Messaging.ServiceBus;

/// <summary>
/// Hands messages to a handler, several at once, renews their locks meanwhile, and completes or abandons them by how the
/// handler ended.
/// </summary>
public class ServiceBusProcessor : IAsyncDisposable
{
    private readonly ServiceBusClient _client;
    private readonly string _path;
    private readonly ServiceBusProcessorOptions _options;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Func<ProcessMessageEventArgs, Task> _onMessage;
    private Func<ProcessErrorEventArgs, Task> _onError;
    private ProcessorPump _pump;
    private int _maxConcurrentCalls;

    protected ServiceBusProcessor() { }

    protected ServiceBusProcessor(ServiceBusClient client, string queueName, ServiceBusProcessorOptions options)
        : this(queueName, client, options) { }

    protected ServiceBusProcessor(
        ServiceBusClient client,
        string topicName,
        string subscriptionName,
        ServiceBusProcessorOptions options
    )
        : this(BusAddress.Subscription(topicName, subscriptionName), client, options) { }

    internal ServiceBusProcessor(string path, ServiceBusClient client, ServiceBusProcessorOptions options)
    {
        _options = options ?? new();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_options.MaxConcurrentCalls, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(_options.PrefetchCount, nameof(options));
        _client = client;
        _path = path;
        _maxConcurrentCalls = _options.MaxConcurrentCalls;
        PrefetchCount = _options.PrefetchCount;
        EntityPath = BusAddress.WithSubQueue(path, _options.SubQueue);
        Identifier = _options.Identifier ?? $"{EntityPath}-{Guid.NewGuid()}";
    }

    /// <summary>The handler of messages; there is one, set before the start.</summary>
    public event Func<ProcessMessageEventArgs, Task> ProcessMessageAsync
    {
        add => _onMessage = Set(_onMessage, value);
        remove => _onMessage = Clear(_onMessage, value);
    }

    /// <summary>The handler of faults; there is one, set before the start.</summary>
    public event Func<ProcessErrorEventArgs, Task> ProcessErrorAsync
    {
        add => _onError = Set(_onError, value);
        remove => _onError = Clear(_onError, value);
    }

    public virtual string FullyQualifiedNamespace => _client.FullyQualifiedNamespace;

    public virtual string EntityPath { get; }

    public virtual string Identifier { get; }

    public virtual ServiceBusReceiveMode ReceiveMode => _options.ReceiveMode;

    public virtual int PrefetchCount { get; private set; }

    public virtual bool AutoCompleteMessages => _options.AutoCompleteMessages;

    public virtual int MaxConcurrentCalls => _maxConcurrentCalls;

    public virtual TimeSpan MaxAutoLockRenewalDuration => _options.MaxAutoLockRenewalDuration;

    public virtual bool IsProcessing => _pump is not null;

    public virtual bool IsClosed { get; private set; }

    public virtual async Task StartProcessingAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(IsClosed, typeof(ServiceBusProcessor));
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (IsProcessing)
            {
                throw new InvalidOperationException("The processor is already running.");
            }
            if (_onMessage is null || _onError is null)
            {
                throw new InvalidOperationException(
                    $"Cannot begin processing without {(_onMessage is null ? nameof(ProcessMessageAsync) : nameof(ProcessErrorAsync))} handler set."
                );
            }
            var receiver = new ServiceBusReceiver(
                _path,
                _client,
                new()
                {
                    ReceiveMode = _options.ReceiveMode,
                    SubQueue = _options.SubQueue,
                    Identifier = Identifier,
                    PrefetchCount = PrefetchCount,
                },
                consumer: Guid.NewGuid().ToString("N")
            );
            _pump = new ProcessorPump(this, receiver);
            _pump.Start();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends when the handlers that run have ended.</summary>
    public virtual async Task StopProcessingAsync(CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_pump is { } pump)
            {
                await pump.StopAsync(cancellationToken);
                pump.Dispose();
                _pump = null;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public virtual async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        IsClosed = true;
        await StopProcessingAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    public void UpdatePrefetchCount(int prefetchCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(prefetchCount);
        PrefetchCount = prefetchCount;
    }

    public void UpdateConcurrency(int maxConcurrentCalls)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxConcurrentCalls);
        _maxConcurrentCalls = maxConcurrentCalls;
    }

    protected internal virtual Task OnProcessMessageAsync(ProcessMessageEventArgs args) => _onMessage(args);

    protected internal virtual Task OnProcessErrorAsync(ProcessErrorEventArgs args) => _onError(args);

    private Func<T, Task> Set<T>(Func<T, Task> present, Func<T, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ThrowIfRunning();
        return present is null
            ? handler
            : throw new NotSupportedException("Another handler has already been assigned to this event.");
    }

    private Func<T, Task> Clear<T>(Func<T, Task> present, Func<T, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (present != handler)
        {
            throw new ArgumentException(
                "This handler has not been previously assigned to this event.",
                nameof(handler)
            );
        }
        ThrowIfRunning();
        return null;
    }

    private void ThrowIfRunning()
    {
        if (IsProcessing)
        {
            throw new InvalidOperationException("Event handlers and settings cannot change while the processor runs.");
        }
    }
}
