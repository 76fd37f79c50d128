using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Portability.DataMap;
using Portability.Erasure;
using Portability.Exports;
using Portability.Http;
using Portability.Messaging;
using Portability.Notifications;
using Portability.Storage;
using Portability.Workflow;

namespace Portability;

/// <summary>The composition root: every part of the app, the same for both builds.</summary>
public static class Composition
{
    /// <summary>The setting that Azure Functions too takes the app's own storage from.</summary>
    public const string OwnStorage = "AzureWebJobsStorage";

    /// <summary>Adds the whole app to a Functions host.</summary>
    public static FunctionsApplicationBuilder AddPortability(this FunctionsApplicationBuilder builder)
    {
        IServiceCollection services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddParts();
        services.AddHostedService<StartUp>();
        services.AddHttpApi(builder.Configuration, builder.Environment);
        builder.UseProblems();
        return builder;
    }

    /// <summary>
    /// Adds what the app does, without its ways in: the command line works with the same parts. Settings, environment, clock and
    /// logging are the caller's.
    /// </summary>
    public static IServiceCollection AddParts(this IServiceCollection services)
    {
        services.AddSingleton(s => StorageAccounts.Tables(Settings(s), OwnStorage));
        services.AddSingleton(s => StorageAccounts.Blobs(Settings(s), OwnStorage));
        services.AddSingleton<StorageSetup>();
        services.AddSingleton<CaseIndex>();
        services.AddSingleton<TerminationStore>();
        services.AddSingleton<Reservations>();
        services.AddSingleton<IdempotencyStore>();

        services.AddSingleton(s => MappedSystems.Load(s.GetRequiredService<IConfiguration>()));
        services.AddSingleton<MapFit>();
        services.AddSingleton<AccountAccess>();
        services.AddSingleton<ExportStore>();
        services.AddSingleton<ExportProgress>();
        services.AddSingleton<Exporter>();
        services.AddSingleton<ExportLinks>();
        services.AddSingleton(s => RunKeys.Read(s.GetRequiredService<IConfiguration>()));
        services.AddSingleton<Eraser>();
        services.AddSingleton(s =>
            CertificateKeys.Read(s.GetRequiredService<IConfiguration>(), s.GetRequiredService<IHostEnvironment>())
        );
        services.AddSingleton<Certificates>();
        services.AddSingleton<ErasureLedger>();
        services.AddSingleton<HoldMarks>();
        services.AddSingleton<HoldGate>();
        services.AddSingleton<IErasureGate>(s => s.GetRequiredService<HoldGate>());

        services.AddSingleton(s => MailSettings.Read(s.GetRequiredService<IConfiguration>()));
        services.AddSingleton(s => s.GetRequiredService<MailSettings>().CreateMailer());
        services.AddSingleton<TerminationCases>();
        services.AddSingleton<Openings>();
        services.AddSingleton(s => MessageBus.Read(s.GetRequiredService<IConfiguration>()));
        services.AddSingleton(s => new MessageIds(
            s.GetRequiredService<RunKeys>().Derive("portability.processor-messages.v1")
        ));
        services.AddSingleton<PublishedCursors>();
        services.AddSingleton<EventPublisher>();
        services.AddSingleton<ProcessorSteps>();
        services.AddSingleton<CustomerMessages>();
        services.AddSingleton<CasePreviews>();
        services.AddSingleton<Redactions>();
        services.AddSingleton<Removals>();
        return services;
    }

    private static IConfiguration Settings(IServiceProvider services) => services.GetRequiredService<IConfiguration>();
}

/// <summary>What must hold before the first request: tables and containers exist, the settings and the data map are sound.</summary>
internal sealed class StartUp(
    StorageSetup storage,
    MappedSystems systems,
    MailSettings mail,
    RunKeys keys,
    CertificateKeys certificateKeys,
    MapFit fit,
    MessageBus bus
) : IHostedService
{
    // A database that does not answer does not keep the app from starting: health says so.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        FormatCheck.Check(systems.Map);
        ArgumentNullException.ThrowIfNull(mail.From);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(certificateKeys);
        foreach (ProcessorSystem processor in systems.Map.Systems.OfType<ProcessorSystem>())
        {
            // A name that no queue can bear is found now, not in the middle of an erasure.
            ArgumentNullException.ThrowIfNull(bus.To(Queues.Of(processor.Name)));
        }
        await storage.CreateAsync(cancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await fit.ReadAsync(patience.Token).WaitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Asked again by health, which answers "unknown" meanwhile.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
