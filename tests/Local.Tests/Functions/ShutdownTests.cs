using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Local.Tests.Functions;

/// <summary>Lets a test hold a function where it is.</summary>
public sealed class Hold
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Entered => _entered.Task.WaitAsync(TimeSpan.FromSeconds(30));

    public void Release() => _release.SetResult();

    public Task PassAsync(CancellationToken cancellationToken)
    {
        _entered.TrySetResult();
        return _release.Task.WaitAsync(cancellationToken);
    }
}

public sealed class HeldFunctions(Hold hold, Journal journal)
{
    [Function("Held")]
    public async Task<string> HeldAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request)
    {
        await hold.PassAsync(request.HttpContext.RequestAborted);
        return "released";
    }

    [Function("HeldTimer")]
    public async Task HeldTimerAsync(
        [TimerTrigger("01:00:00", RunOnStartup = true)] TimerInfo timer,
        CancellationToken cancellationToken
    )
    {
        journal.Add($"timer {timer.IsPastDue}");
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken)
            .ContinueWith(_ => journal.Add("cancelled"), TaskScheduler.Default);
        cancellationToken.ThrowIfCancellationRequested();
    }
}

public sealed class ShutdownTests
{
    [Fact]
    public async Task Request_OpenWhenTheHostStops_IsAnsweredFirst()
    {
        await using FunctionsHost host = await FunctionsHost.StartAsync(Builder(FunctionsHost.NewFolder()));
        var hold = host.Services.GetRequiredService<Hold>();
        Task<HttpResponseMessage> open = host.Http.GetAsync("/Held");
        await hold.Entered;

        Task stopping = host.StopAsync();
        Assert.False(stopping.IsCompleted);
        hold.Release();

        using HttpResponseMessage answer = await open;
        await stopping;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("released", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Timer_RunningWhenTheHostStops_IsCancelled()
    {
        FunctionsHost host = await FunctionsHost.StartAsync(Builder(FunctionsHost.NewFolder()));
        var journal = host.Services.GetRequiredService<Journal>();
        await WaitForAsync(() => journal.Lines.Count == 1);

        await host.DisposeAsync();

        Assert.Equal(["timer False", "cancelled"], journal.Lines);
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            await Task.Delay(10, limit.Token);
        }
    }

    private static FunctionsApplicationBuilder Builder(string folder)
    {
        FunctionsApplicationBuilder builder = FunctionsHost.Builder(folder, [typeof(HeldFunctions)]);
        builder.Services.AddSingleton<Hold>();
        builder.Services.AddSingleton<Journal>();
        return builder;
    }
}
