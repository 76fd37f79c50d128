using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Portability.Http.Calls;
using Portability.Http.Problems;
using Portability.Http.Tokens;
using Portability.Http.Views;
using Portability.Notifications;

namespace Portability.Http;

/// <summary>Composes the HTTP layer.</summary>
public static class HttpSetup
{
    /// <summary>
    /// Adds access and calls. Beside it the app adds <see cref="TimeProvider"/>, storage, workflow, exports and data map.
    /// </summary>
    /// <exception cref="InvalidOperationException">A setting is missing, or would open the app to anybody.</exception>
    public static IServiceCollection AddHttpApi(
        this IServiceCollection services,
        IConfiguration configuration,
        IHostEnvironment environment
    )
    {
        // Read now and not when first asked for: wrong settings must stop the start.
        DevelopmentTokens? development = DevelopmentTokens.Read(configuration, environment);
        EntraTokens? entra = EntraTokens.Read(configuration, environment);
        if (development is null && entra is null)
        {
            throw new InvalidOperationException(
                "Nobody could get in: set Access__Authority and Access__Audience (Entra ID), or on a developer's machine Access__DevelopmentTokens."
            );
        }
        CustomerLinkTokens links = CustomerLinkTokens.Read(configuration, TimeProvider.System);
        _ = CustomerPages.Read(configuration, links);

        if (development is not null)
        {
            services.AddSingleton<ITokenReader>(development);
        }
        if (entra is not null)
        {
            services.AddSingleton<ITokenReader>(entra);
        }
        services.TryAddSingleton(provider =>
            CustomerLinkTokens.Read(configuration, provider.GetRequiredService<TimeProvider>())
        );
        services.TryAddSingleton(provider =>
            CustomerPages.Read(configuration, provider.GetRequiredService<CustomerLinkTokens>())
        );
        services.AddSingleton<ITokenReader, CustomerLinkReader>();
        services.AddSingleton<ICustomerLinks, CaseCustomerLinks>();
        services.AddSingleton<Access>();
        services.AddSingleton<IdempotentCalls>();
        services.AddSingleton<CaseViews>();
        services.AddSingleton<CaseCalls>();
        return services;
    }

    /// <summary>Turns refusals and faults of HTTP functions into problems; comes after <c>ConfigureFunctionsWebApplication</c>.</summary>
    public static IFunctionsWorkerApplicationBuilder UseProblems(this IFunctionsWorkerApplicationBuilder builder)
    {
        builder.UseWhen<ProblemMiddleware>(ProblemMiddleware.IsHttp);
        return builder;
    }
}
