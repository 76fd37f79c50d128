using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

namespace Local.Tests.ServiceBus;

public sealed class ProcessorTests
{
    [Fact]
    public async Task Processor_HandsOverAndCompletes()
    {
        await using BusHost bus = await BusHost.StartAsync();
        var seen = new ConcurrentQueue<string>();
        await using ServiceBusProcessor processor = await StartAsync(
            bus,
            args =>
            {
                seen.Enqueue(args.Message.Body.ToString());
                return Task.CompletedTask;
            }
        );
        await bus.Client.CreateSender("q").SendMessagesAsync([new("a"), new("b")]);

        await bus.SettleAsync();

        Assert.Equal(["a", "b"], seen);
        Assert.Null(await bus.Client.CreateReceiver("q").PeekMessageAsync());
    }

    [Fact]
    public async Task Processor_HandlerThatFails_SeesTheMessageAgainUntilItIsADeadLetter()
    {
        await using BusHost bus = await BusHost.StartAsync("Local:ServiceBus:Queues:q:MaxDeliveryCount=4");
        var counts = new ConcurrentQueue<int>();
        var faults = new ConcurrentQueue<ProcessErrorEventArgs>();
        await using ServiceBusProcessor processor = await StartAsync(
            bus,
            args =>
            {
                counts.Enqueue(args.Message.DeliveryCount);
                throw new InvalidOperationException("no");
            },
            faults
        );
        await bus.Client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("x"));

        await bus.SettleAsync();

        Assert.Equal([1, 2, 3, 4], counts);
        Assert.Equal(4, faults.Count);
        Assert.All(
            faults,
            fault =>
                Assert.Equal(
                    (ServiceBusErrorSource.ProcessMessageCallback, "q", "no"),
                    (fault.ErrorSource, fault.EntityPath, fault.Exception.Message)
                )
        );
        Assert.NotNull(await bus.Client.CreateReceiver("q/$DeadLetterQueue").PeekMessageAsync());
    }

    [Fact]
    public async Task Processor_HandlerThatSettledItself_IsNotSettledAgain()
    {
        await using BusHost bus = await BusHost.StartAsync();
        var faults = new ConcurrentQueue<ProcessErrorEventArgs>();
        await using ServiceBusProcessor processor = await StartAsync(
            bus,
            args => args.DeadLetterMessageAsync(args.Message, "unwanted"),
            faults
        );
        await bus.Client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("x"));

        await bus.SettleAsync();

        Assert.Empty(faults);
        Assert.Equal(
            "unwanted",
            (await bus.Client.CreateReceiver("q/$DeadLetterQueue").PeekMessageAsync()).DeadLetterReason
        );
    }

    [Fact]
    public async Task Processor_HandlerLongerThanTheLock_KeepsItByRenewal()
    {
        await using BusHost bus = await BusHost.StartAsync("Local:ServiceBus:Queues:q:LockDuration=00:00:01");
        var counts = new ConcurrentQueue<int>();
        await using ServiceBusProcessor processor = await StartAsync(
            bus,
            async args =>
            {
                counts.Enqueue(args.Message.DeliveryCount);
                // Several locks long; a lock outlasts a moment in which the machine is busy with other things.
                await Task.Delay(TimeSpan.FromSeconds(3.5), args.CancellationToken);
            }
        );
        await bus.Client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("x"));

        // Handled and settled, in real time.
        using var patience = new CancellationTokenSource(BusHost.Patience);
        ServiceBusReceiver left = bus.Client.CreateReceiver("q");
        while (await left.PeekMessageAsync(fromSequenceNumber: 0, patience.Token) is not null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }

        Assert.Equal([1], counts);
    }

    [Fact]
    public async Task Processor_HandlesAsManyAtOnceAsItMay()
    {
        await using BusHost bus = await BusHost.StartAsync();
        int running = 0;
        int most = 0;
        var full = new TaskCompletionSource();
        await using ServiceBusProcessor processor = bus.Client.CreateProcessor(
            "q",
            new ServiceBusProcessorOptions { MaxConcurrentCalls = 3 }
        );
        processor.ProcessErrorAsync += _ => Task.CompletedTask;
        processor.ProcessMessageAsync += async args =>
        {
            int now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            if (now == 3)
            {
                full.TrySetResult();
            }
            await full.Task.WaitAsync(BusHost.Patience, args.CancellationToken);
            Interlocked.Decrement(ref running);
        };
        await processor.StartProcessingAsync();
        await bus
            .Client.CreateSender("q")
            .SendMessagesAsync(Enumerable.Range(0, 9).Select(i => new ServiceBusMessage($"{i}")));

        await bus.SettleAsync();

        Assert.Equal(3, most);
        Assert.Null(await bus.Client.CreateReceiver("q").PeekMessageAsync());
    }

    [Fact]
    public async Task Clock_ThatMovesAsSoonAsAProcessorHasStarted_WaitsForWhatItWillTake()
    {
        await using BusHost bus = await BusHost.StartAsync();
        var held = new HeldThread();
        int handled = 0;
        await using ServiceBusProcessor processor = bus.Client.CreateProcessor("q");
        processor.ProcessErrorAsync += _ => Task.CompletedTask;
        processor.ProcessMessageAsync += _ => Task.FromResult(Interlocked.Increment(ref handled));
        Task started = held.Run(() => processor.StartProcessingAsync());
        Assert.True(started.IsCompletedSuccessfully);
        await bus.Client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("x"));

        Task settling = bus.SettleAsync();

        await Task.Delay(BusHost.Briefly);
        bool waited = !settling.IsCompleted;
        held.Release();
        await settling;
        Assert.True(waited, "The clock moved past a message that a processor was about to take.");
        Assert.Equal(1, handled);
    }

    [Fact]
    public async Task Processor_Stopped_WaitsForItsHandlersAndTakesNothingMore()
    {
        await using BusHost bus = await BusHost.StartAsync();
        var begun = new TaskCompletionSource();
        var end = new TaskCompletionSource();
        await using ServiceBusProcessor processor = await StartAsync(
            bus,
            async _ =>
            {
                begun.TrySetResult();
                await end.Task;
            }
        );
        await bus.Client.CreateSender("q").SendMessagesAsync([new("a"), new("b")]);
        await begun.Task.WaitAsync(BusHost.Patience);

        Task stopping = processor.StopProcessingAsync();
        Assert.False(stopping.IsCompleted);
        end.SetResult();
        await stopping.WaitAsync(BusHost.Patience);

        Assert.False(processor.IsProcessing);
        Assert.Equal("b", (await bus.Client.CreateReceiver("q").PeekMessageAsync()).Body.ToString());
    }

    [Fact]
    public async Task Processor_WithoutHandlersOrWithTwo_IsRefused()
    {
        await using BusHost bus = await BusHost.StartAsync();
        await using ServiceBusProcessor processor = bus.Client.CreateProcessor("q");
        await Assert.ThrowsAsync<InvalidOperationException>(() => processor.StartProcessingAsync());
        Func<ProcessMessageEventArgs, Task> handler = _ => Task.CompletedTask;
        Func<ProcessMessageEventArgs, Task> another = _ => Task.FromResult(1);
        processor.ProcessMessageAsync += handler;
        await Assert.ThrowsAsync<InvalidOperationException>(() => processor.StartProcessingAsync());
        Assert.Throws<NotSupportedException>(() => processor.ProcessMessageAsync += handler);
        Assert.Throws<ArgumentException>(() => processor.ProcessMessageAsync -= another);
        processor.ProcessErrorAsync += _ => Task.CompletedTask;

        await processor.StartProcessingAsync();

        Assert.True(processor.IsProcessing);
        Assert.Throws<InvalidOperationException>(() => processor.ProcessMessageAsync -= handler);
        await Assert.ThrowsAsync<InvalidOperationException>(() => processor.StartProcessingAsync());
    }

    [Fact]
    public void ProcessorOptions_New_HaveTheOfficialDefaults()
    {
        var options = new ServiceBusProcessorOptions();

        Assert.Equal(
            (true, 1, TimeSpan.FromMinutes(5), 0, ServiceBusReceiveMode.PeekLock, SubQueue.None),
            (
                options.AutoCompleteMessages,
                options.MaxConcurrentCalls,
                options.MaxAutoLockRenewalDuration,
                options.PrefetchCount,
                options.ReceiveMode,
                options.SubQueue
            )
        );
    }

    private static async Task<ServiceBusProcessor> StartAsync(
        BusHost bus,
        Func<ProcessMessageEventArgs, Task> handler,
        ConcurrentQueue<ProcessErrorEventArgs>? faults = null
    )
    {
        ServiceBusProcessor processor = bus.Client.CreateProcessor("q");
        processor.ProcessMessageAsync += handler;
        processor.ProcessErrorAsync += args =>
        {
            faults?.Enqueue(args);
            return Task.CompletedTask;
        };
        await processor.StartProcessingAsync();
        return processor;
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen = Volatile.Read(ref most);
        while (value > seen && Interlocked.CompareExchange(ref most, value, seen) is var found && found != seen)
        {
            seen = found;
        }
    }

    /// <summary>A thread that is too busy to go on with what waits for something, until it is let go.</summary>
    private sealed class HeldThread : SynchronizationContext
    {
        private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => released.SetResult();

        public T Run<T>(Func<T> begin)
        {
            SynchronizationContext? before = Current;
            SetSynchronizationContext(this);
            try
            {
                return begin();
            }
            finally
            {
                SetSynchronizationContext(before);
            }
        }

        public override void Post(SendOrPostCallback d, object? state) =>
            _ = released.Task.ContinueWith(_ => d(state), TaskScheduler.Default);
    }
}
