using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Portability.Erasure;
using Portability.Workflow;

namespace Portability.Cli;

/// <summary>The parts of the app, composed as the app composes them, for commands that do what it does.</summary>
internal static class AppParts
{
    /// <param name="settings">The app's own settings.</param>
    /// <param name="clock">The time of cases.</param>
    /// <param name="change">Replaces parts, for tests.</param>
    public static ServiceProvider Compose(
        IConfiguration settings,
        TimeProvider clock,
        Action<IServiceCollection>? change = null
    )
    {
        var services = new ServiceCollection();
        services.AddSingleton(settings);
        services.AddSingleton(clock);
        services.AddSingleton<IHostEnvironment>(new AppEnvironment(settings));
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        services.AddParts();
        services.AddSingleton<ErasureActivities>();
        services.AddSingleton<LedgerReader>();
        services.AddSingleton<LedgerReplay>();
        change?.Invoke(services);
        return services.BuildServiceProvider();
    }

    /// <summary>Not a developer's machine unless the settings say so, as for the app in Azure: no key is made up.</summary>
    private sealed class AppEnvironment(IConfiguration settings) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } =
            settings["AZURE_FUNCTIONS_ENVIRONMENT"] is { Length: > 0 } name ? name : Environments.Production;

        public string ApplicationName { get; set; } = "Portability";

        public string ContentRootPath { get; set; } = AppContext.BaseDirectory;

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
