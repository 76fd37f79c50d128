namespace Portability.Erasure;

/// <summary>Two things at once, of which one may keep its thread busy for minutes: an engine in our own process does not wait, it works.</summary>
internal static class Beside
{
    /// <summary>Runs both, and gives what the second gives. When that one fails, the first is ended and has ended before the fault is seen.</summary>
    public static async Task<T> RunAsync<T>(
        Func<CancellationToken, Task> first,
        Func<CancellationToken, Task<T>> second,
        CancellationToken cancellationToken
    )
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var beside = OnItsOwnAsync(first, ending.Token);
        T result;
        try
        {
            result = await second(cancellationToken);
        }
        catch
        {
            await ending.CancelAsync();
            await Task.WhenAny(beside);
            throw;
        }
        await beside;
        return result;
    }

    private static async Task OnItsOwnAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await work(cancellationToken);
    }
}
