using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portability.Local.Bus;

namespace Portability.Local;

/// <summary>
/// The built app. It starts the app's own services, the engine, the timers and HTTP, in this order, and stops them the
/// other way round.
/// </summary>
internal sealed class LocalHost : IHost, IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly IReadOnlyList<FunctionMethod> _functions;

    private LocalHost(WebApplication app, IReadOnlyList<FunctionMethod> functions)
    {
        _app = app;
        _functions = functions;
    }

    public IServiceProvider Services => _app.Services;

    /// <exception cref="HostStartException">Some function could not be run.</exception>
    public static LocalHost Build(WebApplicationBuilder web, LocalHostPlan plan)
    {
        var settings = new AppSettings(web.Configuration);
        IReadOnlyList<FunctionMethod> functions = new FunctionDiscovery(settings, plan.AspNetCore).Find(
            plan.Types ?? Assembly.GetEntryAssembly()?.GetTypes() ?? []
        );
        AddServices(web.Services, web.Configuration, plan, settings, functions);
        WebApplication app = web.Build();
        FunctionConstructors.Check(functions, app.Services.GetRequiredService<IServiceProviderIsService>());
        app.Services.GetRequiredService<HttpTriggers>().Map(app);
        app.Services.GetRequiredService<ClockEndpoint>().Map(app);
        app.Services.GetRequiredService<ServiceBusEndpoint>().Map(app);
        return new LocalHost(app, functions);
    }

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            throw new HostStartException(
                $"{exception.Message} Stop the program that listens there, or set ASPNETCORE_URLS.",
                exception
            );
        }
        Banner.Write(
            _app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Portability.Local"),
            _app.Urls,
            _functions,
            _app.Services.GetRequiredService<HttpTriggers>()
        );
    }

    public Task StopAsync(CancellationToken cancellationToken = default) => _app.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    public void Dispose() => ((IDisposable)_app).Dispose();

    private static void AddServices(
        IServiceCollection services,
        IConfiguration configuration,
        LocalHostPlan plan,
        AppSettings settings,
        IReadOnlyList<FunctionMethod> functions
    )
    {
        services.AddSingleton(plan);
        services.AddSingleton(settings);
        services.AddSingleton(functions);
        services.AddSingleton(HostFile.Read(configuration));
        services.AddSingleton<WorkerDataConverter>();
        services.AddSingleton<InvocationPipeline>();
        services.AddSingleton<FunctionRunner>();
        services.AddSingleton<HttpTriggers>();
        services.AddSingleton<ClockEndpoint>();
        services.AddSingleton(new TimerStatusStore(HostFile.TimersPath(configuration)));
        services.AddSingleton<TimerTriggers>();
        services.AddSingleton<DurableTriggers>();
        services.AddSingleton<ServiceBusSettings>();
        services.AddSingleton<ServiceBusOutputs>();
        services.AddSingleton<ServiceBusTriggers>();
        services.AddSingleton<ServiceBusEndpoint>();
        services.AddSingleton(provider => new LocalBus(
            provider.GetRequiredService<DurableEngine>(),
            provider.GetRequiredService<VirtualClock>(),
            provider.GetRequiredService<ServiceBusSettings>().Entities()
        ));
        services.AddSingleton(provider => new DurableEngine(
            HostFile.EngineOptions(provider.GetRequiredService<HostFile>(), configuration) with
            {
                DataConverter = provider.GetRequiredService<WorkerDataConverter>(),
            },
            provider.GetRequiredService<VirtualClock>(),
            provider.GetRequiredService<ILoggerFactory>()
        ));
        // Last of the app's services, so that what the app prepares at its start is there before a function runs; the
        // server is the framework's own and starts after all of them.
        services.AddHostedService<TriggerHost>();
    }
}
