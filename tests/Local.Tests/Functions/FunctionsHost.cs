using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Portability.Local;

namespace Local.Tests.Functions;

/// <summary>Hosts some functions on a free port with a store of their own.</summary>
internal sealed class FunctionsHost : IAsyncDisposable
{
    private static readonly Lazy<DirectoryInfo> Folders = new(() =>
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("functions-hosts-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Remove(folder);
        return folder;
    });

    private readonly IHost _host;

    private FunctionsHost(IHost host, string folder)
    {
        _host = host;
        Folder = folder;
        string address = host
            .Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!
            .Addresses.Single();
        Http = new HttpClient { BaseAddress = new Uri(address) };
    }

    public HttpClient Http { get; }

    public string Folder { get; }

    public IServiceProvider Services => _host.Services;

    public VirtualClock Clock => Services.GetRequiredService<VirtualClock>();

    public static FunctionsApplicationBuilder Builder(
        string folder,
        IReadOnlyList<Type> functions,
        params string[] settings
    )
    {
        FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder([
            "--urls=http://127.0.0.1:0",
            $"--Local:Store={Path.Combine(folder, "local.db")}",
            "--AzureFunctionsJobHost:extensions:http:routePrefix=",
            .. settings.Select(setting => "--" + setting),
        ]);
        builder.ConfigureFunctionsWebApplication();
        builder.Logging.SetMinimumLevel(LogLevel.Critical);
        return builder.UseFunctions([.. functions]);
    }

    /// <summary>A new folder for a host's store: it outlives the host, for the next one to go on there, and goes with the process.</summary>
    public static string NewFolder() => Folders.Value.CreateSubdirectory(Guid.NewGuid().ToString("N")).FullName;

    public static Task<FunctionsHost> StartAsync(params Type[] functions) => StartAsync(NewFolder(), functions);

    public static Task<FunctionsHost> StartAsync(string folder, params Type[] functions) =>
        StartAsync(Builder(folder, functions), folder);

    public static async Task<FunctionsHost> StartAsync(FunctionsApplicationBuilder builder, string? folder = null)
    {
        IHost host = builder.Build();
        try
        {
            await host.StartAsync();
            return new FunctionsHost(host, folder ?? "");
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    public Task AdvanceAsync(TimeSpan time) => Clock.SettleAsync(Clock.GetUtcNow() + time, CancellationToken.None);

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    private static void Remove(DirectoryInfo folder)
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A host that a test has left running still writes there: what stays is a temporary folder, and no test has failed by it.
        }
    }
}
