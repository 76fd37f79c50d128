using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Portability.Demo;
using Portability.Local;
using Portability.Storage;
using Portability.Terminations;
using Portability.Workflow;

namespace Portability.Tests.Workflow;

/// <summary>The whole app in this process, on Azurite and a small sample LMS, at a virtual day far ahead.</summary>
internal sealed class AppHost : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2040, 1, 16, 9, 0, 0, TimeSpan.Zero);

    private readonly string folder;
    private readonly AzuriteProcess azurite;
    private readonly IHost host;

    /// <summary>Connection string of the app's namespace.</summary>
    public string Bus { get; }

    private AppHost(
        string folder,
        AzuriteProcess azurite,
        SampleLms lms,
        IHost host,
        SampleProcessor processor,
        string bus
    )
    {
        Processor = processor;
        Bus = bus;
        this.folder = folder;
        this.azurite = azurite;
        this.host = host;
        Lms = lms;
    }

    public SampleLms Lms { get; }

    /// <summary>The sub-processor of the sample's data map.</summary>
    public SampleProcessor Processor { get; }

    public VirtualClock Clock => Get<VirtualClock>();

    public TerminationCases Cases => Get<TerminationCases>();

    public DurableTaskClient Client => Get<DurableEngine>().Client;

    public CaseOrchestrations Orchestrations =>
        new(Client, Get<ILoggerFactory>().CreateLogger(nameof(CaseOrchestrations)));

    public T Get<T>()
        where T : notnull => host.Services.GetRequiredService<T>();

    /// <param name="sweep">When the sweep runs, where that is not daily.</param>
    public static async Task<AppHost> StartAsync(string? sweep = null)
    {
        string work = Directory.CreateTempSubdirectory("portability-app-").FullName;
        AzuriteProcess storage = await AzuriteProcess.StartAsync();
        SampleLms lms = await SampleLms.CreateAsync(
            Path.Combine(work, "lms.db"),
            5_000,
            seed: 3,
            DateOnly.FromDateTime(Start.UtcDateTime)
        );
        await lms.UploadMediaAsync(storage.ConnectionString);
        Dictionary<string, string> settings = AppSettings.ForSampleLms(
            storage.ConnectionString,
            Checkout.Find(Path.Combine("demo", "datamap.json"))!,
            lms.Path,
            Path.Combine(work, "mail"),
            AppTokens.Create()
        );
        settings["Local__StartsAt"] = Start.ToString("O");
        if (sweep is not null)
        {
            settings["SweepSchedule"] = sweep;
        }
        FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder([
            "--urls=http://127.0.0.1:0",
            "--environment=Development",
            "--Portability:PublicUrl=http://127.0.0.1",
            "--Local:ServiceBus:Topics:termination-events:Subscriptions:audit:MaxDeliveryCount=10",
            $"--Local:Store={Path.Combine(work, "local.db")}",
            "--AzureFunctionsJobHost:extensions:http:routePrefix=",
            .. settings.Select(s => $"--{s.Key.Replace("__", ":")}={s.Value}"),
        ]);
        builder.ConfigureFunctionsWebApplication();
        builder.AddPortability();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.UseFunctions(typeof(Composition).Assembly);
        IHost started = builder.Build();
        await started.StartAsync();
        SampleProcessor processor = await SampleProcessor.StartAsync(
            settings["ServiceBus"],
            Path.Combine(work, "newsletter.db"),
            lms
        );
        return new AppHost(work, storage, lms, started, processor, settings["ServiceBus"]);
    }

    /// <summary>Opens a case of the leaving customer whose term ends on 2040-03-01, without starting its loop.</summary>
    public async Task<string> OpenAsync(string cause = "opening", string? contract = null)
    {
        PersonalRow name = PersonalRow.Of(Lms.Leaving.Name);
        PersonalRow contact = PersonalRow.Of(new ContactDetails("Kim Berg", "kim@customer.example"));
        PersonalRow reference = PersonalRow.Of("mailbox 4711");
        contract ??= Lms.Leaving.ContractNumber;
        string caseId = Openings.CaseIdFor(contract, cause);
        CommandOutcome outcome = await Get<Openings>()
            .OpenAsync(
                new OpenTermination(
                    caseId,
                    contract,
                    Lms.Leaving.CustomerId,
                    name.Ref,
                    contact.Ref,
                    "en",
                    new Term(new DateOnly(2040, 3, 1), "Europe/Stockholm", 12),
                    new Notice(NoticeKind.NonRenewal, Start, "email", reference.Ref),
                    LateNotice: null,
                    new TerminationPolicy()
                )
                {
                    Actor = "agent-1",
                },
                cause,
                [name, contact, reference],
                CancellationToken.None
            );
        Assert.IsType<CommandOutcome.Accepted>(outcome);
        return caseId;
    }

    /// <summary>Appends an export request without telling the loop.</summary>
    public Task<CommandOutcome> AskExportAsync(string caseId) =>
        Cases.ExecuteAsync(
            caseId,
            new RequestExport(ReceivedAt: null, [], []) { Actor = "agent-1" },
            "request-1",
            personal: [],
            expectedVersion: null,
            CancellationToken.None
        );

    public async Task<Termination> StateAsync(string caseId) =>
        (await Cases.LoadAsync(caseId, CancellationToken.None)).State;

    public async Task<IReadOnlyList<string>> EventNamesAsync(string caseId) =>
        [.. (await Cases.LoadAsync(caseId, CancellationToken.None)).Stream.Events.Select(e => e.Name)];

    public Task SettleAsync(DateTimeOffset until) => Clock.SettleAsync(until, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Processor.DisposeAsync();
        await host.StopAsync();
        host.Dispose();
        await azurite.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
