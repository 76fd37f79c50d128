#nullable enable
using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

namespace Portability.Local.Bus;

/// <summary>
/// The broker of the embedded runtime, on the engine's store: every call is one transaction of its one writer. Locks end in
/// real time, scheduled messages come and messages expire by the virtual clock. A moving clock waits for messages that a
/// processor or trigger will take, and for those they are handling; not for what a receiver by hand might fetch.
/// </summary>
internal sealed class LocalBus(DurableEngine engine, VirtualClock clock, BusEntities entities) : IBus, IClockedWork
{
    // A consumer in another process is there while it asks, and this long afterwards.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    // After a restart those who were there before have this long to come back.
    private static readonly TimeSpan ReturnLease = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Recheck = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<BusAddress, BusLoad> _loads = new();
    private readonly ConcurrentDictionary<(BusAddress Address, string Consumer), DateTimeOffset> _consumers = new();
    private readonly ConcurrentDictionary<BusAddress, TaskCompletionSource> _arrivals = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = NewSignal();
    private long _nextDue = long.MaxValue;

    public DateTimeOffset? NextDue =>
        Interlocked.Read(ref _nextDue) is var ticks && ticks == long.MaxValue ? null : new(ticks, TimeSpan.Zero);

    /// <summary>Makes tables and declared entities, and begins to be paced; after the engine's start.</summary>
    public async Task StartAsync()
    {
        await StoreAsync(
            (store, rules) =>
            {
                store.Prepare();
                foreach (string queue in entities.Queues.Keys)
                {
                    Declare(store, queue, BusEntityKind.Queue);
                }
                foreach (string topic in entities.Topics.Keys)
                {
                    Declare(store, topic, BusEntityKind.Topic);
                }
                foreach (string subscription in entities.Subscriptions.Keys)
                {
                    Declare(store, subscription, BusEntityKind.Subscription);
                }
                foreach (BusAddress address in store.Attended())
                {
                    _loads[address] = store.LoadOf(address);
                    _consumers[(address, "an earlier process's")] = TimeProvider.System.GetUtcNow() + ReturnLease;
                }
                return true;
            }
        );
        clock.Register(this);
    }

    public void Stop() => clock.Unregister(this);

    public Task<long[]> SendAsync(BusSend call, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return StoreAsync((_, rules) => rules.Send(call));
    }

    public Task CancelScheduledAsync(BusNumbers call, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return StoreAsync(
            (_, rules) =>
            {
                rules.CancelScheduled(call);
                return true;
            }
        );
    }

    public async Task<IReadOnlyList<BusDelivery>> ReceiveAsync(BusReceive call, CancellationToken ct)
    {
        BusAddress address = BusAddress.Parse(call.Path);
        TimeProvider real = TimeProvider.System;
        long begun = real.GetTimestamp();
        bool isNew = call.Consumer is { } consumer && !_consumers.ContainsKey((address, consumer));
        // Before anything is awaited: once its processor says that it has started, a moving clock waits for what it will take.
        Attend(address, call.Consumer, call.Wait);
        if (isNew)
        {
            await RememberAsync(address, call.Consumer!);
        }
        try
        {
            while (true)
            {
                ct.ThrowIfCancellationRequested();
                TimeSpan left = call.Wait - real.GetElapsedTime(begun);
                Task arrival = Arrival(address).Task;
                (IReadOnlyList<BusDelivery> deliveries, DateTimeOffset? unlock) = await StoreAsync(
                    (store, rules) => (rules.Receive(address, call), store.NextUnlock(address))
                );
                if (deliveries.Count > 0 || left <= TimeSpan.Zero)
                {
                    return deliveries;
                }
                TimeSpan pause = unlock is { } end && end - real.GetUtcNow() < left ? end - real.GetUtcNow() : left;
                await WaitAsync(arrival, pause, ct);
            }
        }
        finally
        {
            Attend(address, call.Consumer, TimeSpan.Zero);
        }
    }

    public Task<IReadOnlyList<BusDelivery>> ReceiveDeferredAsync(BusReceiveDeferred call, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return StoreAsync((_, rules) => rules.ReceiveDeferred(call));
    }

    public Task<IReadOnlyList<BusDelivery>> PeekAsync(BusPeek call, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return StoreAsync((_, rules) => rules.Peek(call));
    }

    public Task SettleAsync(BusSettle call, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return StoreAsync(
            (_, rules) =>
            {
                Refresh(call.Path);
                rules.Settle(call);
                return true;
            }
        );
    }

    public Task<DateTimeOffset> RenewAsync(BusRenew call, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Refresh(call.Path);
        return StoreAsync((_, rules) => rules.Renew(call));
    }

    public async Task DetachAsync(BusDetach call, CancellationToken ct)
    {
        BusAddress address = BusAddress.Parse(call.Path);
        _consumers.TryRemove((address, call.Consumer), out _);
        bool attended = _consumers.Keys.Any(key => key.Address == address);
        await StoreAsync(
            (store, _) =>
            {
                store.SetAttended(address, attended);
                return true;
            }
        );
    }

    /// <summary>Makes sure of an entity, and counts a trigger of this process as its consumer until it detaches.</summary>
    public async Task AttachAsync(string path, string consumer)
    {
        BusAddress address = BusAddress.Parse(path);
        await StoreAsync(
            (store, rules) =>
            {
                rules.Require(address.Entity, BusEntityKind.Queue);
                _loads[address] = store.LoadOf(address);
                return true;
            }
        );
        _consumers[(address, consumer)] = DateTimeOffset.MaxValue;
    }

    public Task RunDueAsync(DateTimeOffset now, CancellationToken ct) =>
        StoreAsync(
            (_, rules) =>
            {
                rules.EnqueueDue();
                return true;
            }
        );

    public Task WhenIdleAsync(CancellationToken ct) => IsIdle() ? Task.CompletedTask : WaitForIdleAsync(ct);

    private async Task WaitForIdleAsync(CancellationToken ct)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                changed = _changed.Task;
            }
            if (IsIdle())
            {
                return;
            }
            // Locks and leases run out in real time, which nobody tells.
            await WaitAsync(changed, Recheck, ct);
        }
    }

    private bool IsIdle()
    {
        DateTimeOffset real = TimeProvider.System.GetUtcNow();
        foreach ((BusAddress address, BusLoad load) in _loads)
        {
            bool attended = _consumers.Any(entry => entry.Key.Address == address && entry.Value > real);
            if ((load.Ready && attended) || load.HandledUntil > real)
            {
                return false;
            }
        }
        return true;
    }

    private void Attend(BusAddress address, string? consumer, TimeSpan wait)
    {
        if (consumer is not null)
        {
            DateTimeOffset until = TimeProvider.System.GetUtcNow() + wait + Lease;
            _consumers.AddOrUpdate(
                (address, consumer),
                until,
                (_, present) => present == DateTimeOffset.MaxValue ? present : until
            );
        }
    }

    /// <summary>Stores that the address has consumers, who get time to come back after a restart.</summary>
    private async Task RememberAsync(BusAddress address, string consumer)
    {
        try
        {
            await StoreAsync(
                (store, _) =>
                {
                    store.SetAttended(address, attended: true);
                    return true;
                }
            );
        }
        catch
        {
            // Stored when it asks again.
            _consumers.TryRemove((address, consumer), out _);
            throw;
        }
    }

    /// <summary>Whoever settles or renews is there; a consumer that handled for long has not asked meanwhile.</summary>
    private void Refresh(string path)
    {
        BusAddress address = BusAddress.Parse(path);
        DateTimeOffset until = TimeProvider.System.GetUtcNow() + Lease;
        foreach (((BusAddress Address, string Consumer) key, DateTimeOffset present) in _consumers)
        {
            if (key.Address == address && present < until)
            {
                _consumers.TryUpdate(key, until, present);
            }
        }
    }

    private TaskCompletionSource Arrival(BusAddress address) => _arrivals.GetOrAdd(address, _ => NewSignal());

    private async Task<T> StoreAsync<T>(Func<BusStore, BusRules, T> apply)
    {
        (T result, IReadOnlyCollection<BusAddress> touched) = await engine.StoreAsync(connection =>
        {
            DateTimeOffset real = TimeProvider.System.GetUtcNow();
            var store = new BusStore(connection, clock.GetUtcNow(), real);
            var rules = new BusRules(store, entities, real);
            T applied = apply(store, rules);
            Interlocked.Exchange(ref _nextDue, store.NextDue()?.UtcTicks ?? long.MaxValue);
            foreach (BusAddress address in rules.Touched)
            {
                _loads[address] = store.LoadOf(address);
            }
            return (applied, rules.Touched);
        });
        foreach (BusAddress address in touched)
        {
            if (_arrivals.TryRemove(address, out TaskCompletionSource? arrival))
            {
                arrival.TrySetResult();
            }
        }
        Changed();
        return result;
    }

    private void Changed()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            (changed, _changed) = (_changed, NewSignal());
        }
        changed.TrySetResult();
    }

    private static void Declare(BusStore store, string path, BusEntityKind kind)
    {
        BusAddress.Parse(path);
        if (store.KindOf(path) is { } present && present != kind)
        {
            throw new InvalidOperationException(
                $"The settings declare '{path}' as a {kind}, and in the store it is a {present}: use another name or store."
            );
        }
        store.Create(path, kind);
    }

    private static async Task WaitAsync(Task signal, TimeSpan limit, CancellationToken ct)
    {
        if (limit <= TimeSpan.Zero)
        {
            return;
        }
        try
        {
            await signal.WaitAsync(limit, TimeProvider.System, ct);
        }
        catch (TimeoutException)
        {
            // Nothing came.
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
