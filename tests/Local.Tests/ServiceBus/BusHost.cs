using Azure.Messaging.ServiceBus;
using Local.Tests.Functions;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Local.Tests.ServiceBus;

/// <summary>A namespace of its own: in the embedded runtime a host's broker. The tests below it use public API only.</summary>
internal sealed class BusHost : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Long enough to see that nothing comes.</summary>
    public static readonly TimeSpan Briefly = TimeSpan.FromMilliseconds(50);

    private BusHost(FunctionsHost host, string connectionString)
    {
        Host = host;
        ConnectionString = connectionString;
        Client = new ServiceBusClient(connectionString);
    }

    public FunctionsHost Host { get; }

    public string ConnectionString { get; }

    public ServiceBusClient Client { get; }

    public Journal Journal => Host.Services.GetRequiredService<Journal>();

    public DateTimeOffset Now => Host.Clock.GetUtcNow();

    public static Task<BusHost> StartAsync(params string[] settings) =>
        StartAsync(FunctionsHost.NewFolder(), [], settings);

    public static Task<BusHost> StartAsync(string folder, IReadOnlyList<Type> functions, params string[] settings) =>
        StartAsync(folder, functions, _ => { }, settings);

    public static async Task<BusHost> StartAsync(
        string folder,
        IReadOnlyList<Type> functions,
        Action<FunctionsApplicationBuilder> configure,
        params string[] settings
    )
    {
        string connection =
            $"Endpoint=sb://{Guid.NewGuid():N}.servicebus.windows.net/;SharedAccessKeyName=all;SharedAccessKey=c2VjcmV0";
        FunctionsApplicationBuilder builder = FunctionsHost.Builder(
            folder,
            functions,
            [$"ServiceBus={connection}", .. settings]
        );
        builder.Services.AddSingleton<Journal>();
        configure(builder);
        return new BusHost(await FunctionsHost.StartAsync(builder, folder), connection);
    }

    /// <summary>Runs all that is due now.</summary>
    public Task SettleAsync() => AdvanceAsync(TimeSpan.FromSeconds(1));

    public async Task AdvanceAsync(TimeSpan time)
    {
        using var timeout = new CancellationTokenSource(Patience);
        await Host.Clock.SettleAsync(Now + time, timeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Host.DisposeAsync();
    }
}
