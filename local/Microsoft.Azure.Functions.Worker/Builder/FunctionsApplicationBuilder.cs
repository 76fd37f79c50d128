using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Portability.Local;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>
/// Composes a functions app. Here the built host is the whole host: it finds the functions, runs the durable engine and
/// the timers, and serves HTTP on Kestrel.
/// </summary>
public class FunctionsApplicationBuilder : IHostApplicationBuilder, IFunctionsWorkerApplicationBuilder
{
    private readonly WebApplicationBuilder _web;

    internal FunctionsApplicationBuilder(string[] args)
    {
        _web = LocalHostDefaults.CreateWebBuilder(args);
    }

    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)_web).Properties;

    public ConfigurationManager Configuration => _web.Configuration;

    public IHostEnvironment Environment => _web.Environment;

    public ILoggingBuilder Logging => _web.Logging;

    public IMetricsBuilder Metrics => _web.Metrics;

    public IServiceCollection Services => _web.Services;

    IConfigurationManager IHostApplicationBuilder.Configuration => _web.Configuration;

    internal LocalHostPlan Plan { get; } = new();

    /// <exception cref="HostStartException">Some function could not be run; the message names each fault.</exception>
    public IHost Build() => LocalHost.Build(_web, Plan);

    public void ConfigureContainer<TContainerBuilder>(
        IServiceProviderFactory<TContainerBuilder> factory,
        Action<TContainerBuilder>? configure = null
    )
        where TContainerBuilder : notnull => ((IHostApplicationBuilder)_web).ConfigureContainer(factory, configure);

    public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        Plan.Middleware.Add(middleware);
        return this;
    }

    internal void EnableAspNetCore()
    {
        Plan.AspNetCore = true;
        _web.Services.AddMvc();
    }
}
