using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Local.Tests.Functions;

public sealed class DurableTriggerTests
{
    [Fact]
    public async Task Orchestration_StartedOverHttp_RunsItsActivityWhenTimeHasCome()
    {
        await using FunctionsHost host = await StartAsync(FunctionsHost.NewFolder());
        using HttpResponseMessage started = await host.Http.PostAsync("/start/one", content: null);
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);

        await host.AdvanceAsync(TimeSpan.FromDays(9));
        Assert.Equal("Running", (await ReadAsync(host, "one")).GetProperty("status").GetString());

        await host.AdvanceAsync(TimeSpan.FromDays(1.1));
        JsonElement done = await ReadAsync(host, "one");
        Assert.Equal("Completed", done.GetProperty("status").GetString());
        Assert.Equal("""{"item":"from POST","count":2}""", done.GetProperty("output").GetString());
        Assert.Equal(
            ["OrchestrateAsync woke", "one adds to from POST"],
            host.Services.GetRequiredService<Journal>().Lines
        );
    }

    [Fact]
    public async Task Orchestration_WaitingWhenTheHostStops_GoesOnAfterARestart()
    {
        string folder = FunctionsHost.NewFolder();
        DateTimeOffset before;
        await using (FunctionsHost first = await StartAsync(folder))
        {
            using HttpResponseMessage started = await first.Http.PostAsync("/start/two", content: null);
            await first.AdvanceAsync(TimeSpan.FromDays(5));
            before = first.Clock.GetUtcNow();
        }

        await using FunctionsHost second = await StartAsync(folder);
        Assert.True(second.Clock.GetUtcNow() >= before);
        await second.AdvanceAsync(TimeSpan.FromDays(5.1));

        Assert.Equal("Completed", (await ReadAsync(second, "two")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Middleware_ThatAwaitsBeforeAnOrchestrator_FailsIt()
    {
        FunctionsApplicationBuilder builder = Builder(FunctionsHost.NewFolder());
        builder.UseWhen(
            context => context.FunctionDefinition.InputBindings.Values.Any(b => b.Type == "orchestrationTrigger"),
            async (_, next) =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20));
                await next();
            }
        );
        await using FunctionsHost host = await FunctionsHost.StartAsync(builder);
        using HttpResponseMessage started = await host.Http.PostAsync("/start/three", content: null);
        await host.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Equal("Failed", (await ReadAsync(host, "three")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Middleware_ThatAwaitsOnlyTheFunction_SurroundsOrchestratorAndActivity()
    {
        FunctionsApplicationBuilder builder = Builder(FunctionsHost.NewFolder());
        builder.UseWhen<Outer>(context =>
            context.FunctionDefinition.InputBindings.Values.All(binding => binding.Type != "httpTrigger")
        );
        await using FunctionsHost host = await FunctionsHost.StartAsync(builder);
        using HttpResponseMessage started = await host.Http.PostAsync("/start/four", content: null);
        await host.AdvanceAsync(TimeSpan.FromDays(11));

        Assert.Equal("Completed", (await ReadAsync(host, "four")).GetProperty("status").GetString());
        IReadOnlyList<string> lines = host.Services.GetRequiredService<Journal>().Lines;
        Assert.Contains("outer in AddAsync", lines);
        Assert.Equal(2, lines.Count(line => line == "outer out Order { Item = from POST, Count = 2 }"));
    }

    [Fact]
    public async Task Clock_MovedOverHttp_SettlesOrchestrationsFirst()
    {
        await using FunctionsHost host = await StartAsync(FunctionsHost.NewFolder());
        using HttpResponseMessage started = await host.Http.PostAsync("/start/five", content: null);

        using HttpResponseMessage moved = await host.Http.PostAsJsonAsync("/local/clock", new { advance = "P11D" });

        Assert.Equal(HttpStatusCode.OK, moved.StatusCode);
        Assert.Equal("Completed", (await ReadAsync(host, "five")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task DurableTimerAndTimerTrigger_InOneMove_RunInTheOrderOfTheirTimes()
    {
        FunctionsApplicationBuilder builder = Builder(
            FunctionsHost.NewFolder(),
            [typeof(DurableFunctions), typeof(TimerFunctions)],
            "DailySchedule=0 0 3 * * *"
        );
        await using FunctionsHost host = await FunctionsHost.StartAsync(builder);
        var midnight = new DateTimeOffset(host.Clock.GetUtcNow().UtcDateTime.Date.AddDays(2), TimeSpan.Zero);
        await host.Clock.SettleAsync(midnight, CancellationToken.None);
        int before = host.Services.GetRequiredService<Journal>().Lines.Count;
        using HttpResponseMessage started = await host.Http.PostAsync("/start/six", content: null);

        await host.Clock.SettleAsync(midnight.AddDays(10.5), CancellationToken.None);

        IEnumerable<string> lines = host.Services.GetRequiredService<Journal>().Lines.Skip(before);
        Assert.Equal(
            [
                .. Enumerable.Range(0, 10).Select(day => $"{midnight.AddDays(day):MM-dd} 03:00:00"),
                "OrchestrateAsync woke",
                "six adds to from POST",
                $"{midnight.AddDays(10):MM-dd} 03:00:00",
            ],
            lines
        );
    }

    private static FunctionsApplicationBuilder Builder(string folder) => Builder(folder, [typeof(DurableFunctions)]);

    private static FunctionsApplicationBuilder Builder(string folder, Type[] functions, params string[] settings)
    {
        FunctionsApplicationBuilder builder = FunctionsHost.Builder(folder, functions, settings);
        builder.Services.AddSingleton<Journal>();
        builder.Services.Configure<JsonSerializerOptions>(json =>
            json.PropertyNamingPolicy = JsonNamingPolicy.CamelCase
        );
        return builder;
    }

    private static Task<FunctionsHost> StartAsync(string folder) => FunctionsHost.StartAsync(Builder(folder), folder);

    private static Task<JsonElement> ReadAsync(FunctionsHost host, string id) =>
        host.Http.GetFromJsonAsync<JsonElement>("/read/" + id);
}
