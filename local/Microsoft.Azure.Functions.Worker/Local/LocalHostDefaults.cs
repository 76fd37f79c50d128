using System.Text.Json;
using Azure.Core.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Portability.Local;

/// <summary>What the app finds in its builder before it adds anything: settings, logging, server, serializer.</summary>
internal static class LocalHostDefaults
{
    /// <summary>host.json lies under this section, so that <c>AzureFunctionsJobHost__...</c> overrides it.</summary>
    public const string HostSection = "AzureFunctionsJobHost";

    private const string DefaultAddress = "http://127.0.0.1:7071";

    public static WebApplicationBuilder CreateWebBuilder(string[] args)
    {
        WebApplicationBuilder web = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions
            {
                ApplicationName = System.Reflection.Assembly.GetEntryAssembly()?.GetName().Name,
                ContentRootPath = AppContext.BaseDirectory,
                EnvironmentName = EnvironmentName(),
            }
        );
        AddSettings(web.Configuration, args);
        AddLogging(web.Logging, web.Configuration);
        AddServer(web);
        AddWorker(web.Services);
        bool development = web.Environment.IsDevelopment();
        web.Host.UseDefaultServiceProvider(options =>
        {
            options.ValidateScopes = development;
            options.ValidateOnBuild = development;
        });
        return web;
    }

    // As Core Tools do: a host on a developer's machine is in development unless something says otherwise.
    private static string EnvironmentName() =>
        Environment.GetEnvironmentVariable("AZURE_FUNCTIONS_ENVIRONMENT")
        ?? Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT")
        ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT")
        ?? Environments.Development;

    // Later sources win: host.json, local.settings.json, the environment, the command line.
    private static void AddSettings(ConfigurationManager configuration, string[] args)
    {
        configuration.AddInMemoryCollection(JsonSettings.HostFile(AppContext.BaseDirectory));
        configuration.AddInMemoryCollection(
            JsonSettings.LocalSettings(Directory.GetCurrentDirectory(), AppContext.BaseDirectory)
        );
        configuration.AddEnvironmentVariables();
        configuration.AddCommandLine(args);
    }

    private static void AddLogging(ILoggingBuilder logging, IConfiguration configuration)
    {
        logging.AddConfiguration(configuration.GetSection("Logging"));
        logging.AddConfiguration(configuration.GetSection(HostSection + ":logging"));
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.TimestampFormat = "HH:mm:ss ";
            options.ColorBehavior = LoggerColorBehavior.Default;
        });
    }

    private static void AddServer(WebApplicationBuilder web)
    {
        string urls = web.Configuration["urls"] ?? web.Configuration["ASPNETCORE_URLS"] ?? DefaultAddress;
        web.WebHost.UseKestrelCore();
        web.WebHost.UseUrls(urls);
        long bodyLimit = web.Configuration.GetValue("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", 104_857_600L);
        web.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = bodyLimit;
        });
        web.Services.Configure<FormOptions>(form => form.MultipartBodyLengthLimit = bodyLimit);
        web.Services.AddRouting();
        // Below the time that supervisors wait between asking a process to end and killing it.
        web.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(15));
        web.Services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
    }

    private static void AddWorker(IServiceCollection services)
    {
        services.Configure<JsonSerializerOptions>(json => json.PropertyNameCaseInsensitive = true);
        services
            .AddOptions<WorkerOptions>()
            .PostConfigure<IOptions<JsonSerializerOptions>>(
                (worker, json) => worker.Serializer ??= new JsonObjectSerializer(json.Value)
            );
        services.AddSingleton<VirtualClock>();
        services.AddSingleton<TimeProvider>(provider => provider.GetRequiredService<VirtualClock>());
    }
}
