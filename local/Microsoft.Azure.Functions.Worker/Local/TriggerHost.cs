using Microsoft.Extensions.Hosting;

namespace Portability.Local;

/// <summary>Starts the engine, then the broker and its triggers, then the timers; stops them after the server no longer takes requests.</summary>
internal sealed class TriggerHost(
    DurableEngine engine,
    DurableTriggers durable,
    ServiceBusTriggers messages,
    TimerTriggers timers
) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        durable.Register(engine);
        try
        {
            await engine.StartAsync(cancellationToken);
        }
        catch (IOException exception)
        {
            // The engine says which file it could not have, and who holds it.
            throw new HostStartException(exception.Message, exception);
        }
        await messages.StartAsync(cancellationToken);
        await timers.StartAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await timers.StopAsync(cancellationToken);
        }
        finally
        {
            try
            {
                await messages.StopAsync(cancellationToken);
            }
            finally
            {
                await engine.StopAsync(cancellationToken);
            }
        }
    }
}
