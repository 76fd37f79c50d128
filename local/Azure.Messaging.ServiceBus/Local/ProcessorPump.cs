#nullable enable
using Azure.Messaging.ServiceBus;

namespace Portability.Local.Bus;

/// <summary>The loop of a running processor: receive, hand over, renew, settle. A fault of the broker is told and outlasted.</summary>
internal sealed class ProcessorPump(ServiceBusProcessor processor, ServiceBusReceiver receiver) : IDisposable
{
    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromSeconds(1);

    // A remote broker is asked anew this often, so that it knows that somebody is there.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];
    private Task _loop = Task.CompletedTask;

    /// <summary>Begins on the caller's thread: the broker knows of this consumer before anyone is told that it has started.</summary>
    public void Start() => _loop = LoopAsync();

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _loop.WaitAsync(cancellationToken);
        await Task.WhenAll(Running()).WaitAsync(cancellationToken);
        try
        {
            await receiver.DetachAsync();
        }
        catch (ServiceBusException)
        {
            // The broker went first; it forgets this consumer by itself.
        }
        await receiver.CloseAsync(cancellationToken);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task LoopAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Task[] running = Running();
                int free = processor.MaxConcurrentCalls - running.Length;
                if (free <= 0)
                {
                    await Task.WhenAny(running).WaitAsync(_stopping.Token);
                    continue;
                }
                foreach (
                    ServiceBusReceivedMessage message in await receiver.ReceiveMessagesAsync(
                        free,
                        LongestWait,
                        _stopping.Token
                    )
                )
                {
                    Track(Task.Run(() => HandleAsync(message)));
                }
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                await TellAsync(fault, ServiceBusErrorSource.Receive);
                await Task.Delay(PauseAfterFault, TimeProvider.System, _stopping.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task HandleAsync(ServiceBusReceivedMessage message)
    {
        using var handling = new CancellationTokenSource();
        Task renewing = RenewAsync(message, handling.Token);
        var args = new ProcessMessageEventArgs(message, receiver, processor.Identifier, _stopping.Token);
        ServiceBusErrorSource step = ServiceBusErrorSource.ProcessMessageCallback;
        try
        {
            await processor.OnProcessMessageAsync(args);
            step = ServiceBusErrorSource.Complete;
            if (
                processor.AutoCompleteMessages
                && receiver.ReceiveMode == ServiceBusReceiveMode.PeekLock
                && !args.IsSettled
            )
            {
                await receiver.CompleteMessageAsync(message, CancellationToken.None);
            }
        }
        catch (Exception fault)
        {
            await TellAsync(fault, step);
            // A lost lock cannot be given back, and what the handler settled is settled.
            if (
                step == ServiceBusErrorSource.ProcessMessageCallback
                && receiver.ReceiveMode == ServiceBusReceiveMode.PeekLock
                && !args.IsSettled
                && fault is not ServiceBusException { Reason: ServiceBusFailureReason.MessageLockLost }
            )
            {
                await AbandonAsync(message);
            }
        }
        finally
        {
            await handling.CancelAsync();
            await renewing;
        }
    }

    private async Task AbandonAsync(ServiceBusReceivedMessage message)
    {
        try
        {
            await receiver.AbandonMessageAsync(message, propertiesToModify: null, CancellationToken.None);
        }
        catch (Exception fault)
        {
            await TellAsync(fault, ServiceBusErrorSource.Abandon);
        }
    }

    /// <summary>Renews the lock while the handler runs, at half of what is left of it.</summary>
    private async Task RenewAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken)
    {
        if (receiver.ReceiveMode != ServiceBusReceiveMode.PeekLock)
        {
            return;
        }
        TimeProvider real = TimeProvider.System;
        DateTimeOffset end =
            processor.MaxAutoLockRenewalDuration < TimeSpan.FromDays(1000)
                ? real.GetUtcNow() + processor.MaxAutoLockRenewalDuration
                : DateTimeOffset.MaxValue;
        try
        {
            while (true)
            {
                TimeSpan pause = (message.LockedUntil - real.GetUtcNow()) / 2;
                await Task.Delay(pause > TimeSpan.Zero ? pause : TimeSpan.Zero, real, cancellationToken);
                if (real.GetUtcNow() >= end)
                {
                    return;
                }
                await receiver.RenewMessageLockAsync(message, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The handler has ended.
        }
        catch (ServiceBusException fault) when (fault.Reason == ServiceBusFailureReason.MessageLockLost)
        {
            // The handler settled the message itself, or it took too long and will learn of it when it settles.
        }
        catch (Exception fault)
        {
            await TellAsync(fault, ServiceBusErrorSource.RenewLock);
        }
    }

    // A fault of the handler of faults has nowhere to go, as officially; it must not end the loop.
    private async Task TellAsync(Exception fault, ServiceBusErrorSource source)
    {
        try
        {
            await processor.OnProcessErrorAsync(
                new ProcessErrorEventArgs(
                    fault,
                    source,
                    processor.FullyQualifiedNamespace,
                    processor.EntityPath,
                    processor.Identifier,
                    _stopping.Token
                )
            );
        }
        catch (Exception second)
        {
            System.Diagnostics.Trace.TraceError($"ProcessErrorAsync failed: {second}");
        }
    }

    private void Track(Task task)
    {
        lock (_gate)
        {
            _running.Add(task);
        }
    }

    private Task[] Running()
    {
        lock (_gate)
        {
            _running.RemoveWhere(ended => ended.IsCompleted);
            return [.. _running];
        }
    }
}
