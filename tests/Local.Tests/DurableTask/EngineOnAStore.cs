using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Converters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Portability.Local;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.DurableTask;

/// <summary>An engine on a store that outlives it, with its clock.</summary>
internal sealed class EngineOnAStore : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().BuildServiceProvider();

    private EngineOnAStore(DurableEngineOptions options, ILoggerFactory loggers)
    {
        Clock = new VirtualClock();
        Engine = new DurableEngine(options, Clock, loggers);
    }

    public VirtualClock Clock { get; }

    public DurableEngine Engine { get; }

    public DurableTaskClient Client => Engine.Client;

    public static async Task<EngineOnAStore> StartAsync(
        string store,
        Action<DurableTaskRegistry> registry,
        Func<DurableEngineOptions, DurableEngineOptions>? configure = null,
        ILoggerFactory? loggers = null
    )
    {
        var options = new DurableEngineOptions { StorePath = store, GracePeriod = TimeSpan.Zero };
        var host = new EngineOnAStore(configure?.Invoke(options) ?? options, loggers ?? NullLoggerFactory.Instance);
        var tasks = new DurableTaskRegistry();
        registry(tasks);
        RegisteredTasks.AddTo(host.Engine, tasks, host._services, JsonDataConverter.Default);
        await host.Engine.StartAsync(CancellationToken.None);
        return host;
    }

    /// <summary>Moves the clock by a span and runs all that is due.</summary>
    public Task PassAsync(TimeSpan span) => SettleAsync(Clock.GetUtcNow() + span);

    public async Task SettleAsync(DateTimeOffset target)
    {
        using var timeout = new CancellationTokenSource(Patience * 2);
        await Clock.SettleAsync(target, timeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        Clock.Dispose();
        await _services.DisposeAsync();
    }
}

/// <summary>A folder for stores, removed with the test.</summary>
internal sealed class StoreFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("durable-store-");

    public string Store => Path.Combine(_folder.FullName, "engine.db");

    public string File(string name) => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
