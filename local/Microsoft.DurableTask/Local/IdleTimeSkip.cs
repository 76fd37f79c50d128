namespace Portability.Local;

/// <summary>
/// Moves the clock to the next durable timer whenever nothing has been under way for a while: months pass in seconds,
/// and whoever calls in the meantime is served first.
/// </summary>
internal sealed class IdleTimeSkip(DurableEngine engine, VirtualClock clock, TimeSpan pause) : IAsyncDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;

    public void Start() => _run = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await engine.WhenIdleAsync(_stop.Token);
                DateTimeOffset? due = engine.NextDue;
                await Task.Delay(pause > Shortest ? pause : Shortest, _stop.Token);
                if (
                    due is { } target
                    && engine.NextDue == due
                    && engine.WhenIdleAsync(_stop.Token).IsCompletedSuccessfully
                )
                {
                    // It may have come by itself in this moment.
                    await clock.SettleToAsync(target, _stop.Token);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The engine stops.
        }
    }
}
