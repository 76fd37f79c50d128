using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Portability.Local;

namespace Microsoft.DurableTask.Testing;

/// <summary>Runs orchestrations in a test, on a store that goes with the host.</summary>
public sealed class DurableTaskTestHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly DurableEngine _engine;
    private readonly VirtualClock _clock;
    private readonly string _folder;

    private DurableTaskTestHost(ServiceProvider services, DurableEngine engine, VirtualClock clock, string folder)
    {
        _services = services;
        _engine = engine;
        _clock = clock;
        _folder = folder;
    }

    /// <summary>The services that activities and orchestrators are made with.</summary>
    public IServiceProvider Services => _services;

    /// <summary>The client of the host.</summary>
    public DurableTaskClient Client => _engine.Client;

    /// <summary>Starts a host with the registered tasks.</summary>
    public static async Task<DurableTaskTestHost> StartAsync(
        Action<DurableTaskRegistry> registry,
        DurableTaskTestHostOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(registry);
        ILoggerFactory loggers = options?.LoggerFactory ?? NullLoggerFactory.Instance;
        var clock = new VirtualClock();
        var collection = new ServiceCollection();
        collection.AddSingleton(loggers);
        collection.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        collection.AddSingleton(clock);
        options?.ConfigureServices?.Invoke(collection);
        ServiceProvider services = collection.BuildServiceProvider();

        var tasks = new DurableTaskRegistry();
        registry(tasks);
        string folder = Directory.CreateTempSubdirectory("durable-test-").FullName;
        var engine = new DurableEngine(
            new DurableEngineOptions { StorePath = Path.Combine(folder, "store.db"), GracePeriod = TimeSpan.Zero },
            clock,
            loggers
        );
        RegisteredTasks.AddTo(engine, tasks, services, Converters.JsonDataConverter.Default);
        await engine.StartAsync(cancellationToken);
        return new(services, engine, clock, folder);
    }

    /// <summary>Stops the host and removes its store.</summary>
    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _clock.Dispose();
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>Settings of a test host.</summary>
public class DurableTaskTestHostOptions
{
    /// <summary>Not used: the host listens on no port.</summary>
    public int? Port { get; set; }

    /// <summary>Where the host logs.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Adds services for activities and orchestrators.</summary>
    public Action<IServiceCollection>? ConfigureServices { get; set; }
}
