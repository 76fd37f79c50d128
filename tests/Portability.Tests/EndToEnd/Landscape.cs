using System.Text.Json.Nodes;
using Portability.Demo;
using Portability.Demo.Tour;

namespace Portability.Tests.EndToEnd;

/// <summary>Azurite, a small sample LMS and the built application in a process of its own, at a fixed virtual day.</summary>
internal sealed class Landscape : IAsyncDisposable
{
    /// <summary>Far enough ahead that every run, whenever it is, sees the same dates.</summary>
    public static readonly DateTimeOffset Start = new(2040, 1, 16, 9, 0, 0, TimeSpan.Zero);

    public static readonly DateOnly TermEndsOn = new(2040, 3, 1);

    private readonly string folder;
    private readonly AzuriteProcess azurite;
    private readonly SampleProcessor processor;

    private Landscape(
        string folder,
        AzuriteProcess azurite,
        SampleLms lms,
        AppProcess app,
        SampleProcessor processor,
        AppTokens tokens
    )
    {
        this.processor = processor;
        this.folder = folder;
        this.azurite = azurite;
        Lms = lms;
        App = app;
        Tokens = tokens;
        Portal = new PortalClient(app.Address);
    }

    public SampleLms Lms { get; }

    public AppProcess App { get; }

    public AppTokens Tokens { get; }

    public PortalClient Portal { get; }

    public static async Task<Landscape> SetUpAsync(int rows)
    {
        string work = Directory.CreateTempSubdirectory("portability-e2e-").FullName;
        AzuriteProcess storage = await AzuriteProcess.StartAsync();
        SampleLms lms = await SampleLms.CreateAsync(
            Path.Combine(work, "lms.db"),
            rows,
            seed: 7,
            DateOnly.FromDateTime(Start.UtcDateTime)
        );
        await lms.UploadMediaAsync(storage.ConnectionString);
        AppTokens tokens = AppTokens.Create();
        Dictionary<string, string> settings = AppSettings.ForSampleLms(
            storage.ConnectionString,
            Checkout.Find(Path.Combine("demo", "datamap.json"))!,
            lms.Path,
            Path.Combine(work, "mail"),
            tokens
        );
        settings["Local__StartsAt"] = Start.ToString("O");
        // The application is set up to run for months; in a life of seconds, compiling well costs more than it saves.
        settings["DOTNET_TC_QuickJitForLoops"] = "1";
        settings["DOTNET_TC_CallCounting"] = "0";
        AppProcess app = await AppProcess.StartAsync(
            new AppOptions { WorkFolder = Path.Combine(work, "app"), Settings = settings }
        );
        SampleProcessor newsletter = await SampleProcessor.StartAsync(
            app.BusConnectionString,
            Path.Combine(work, "newsletter.db"),
            lms
        );
        return new Landscape(work, storage, lms, app, newsletter, tokens);
    }

    /// <summary>Opens a case for the leaving customer; its term ends on <see cref="TermEndsOn"/>.</summary>
    public async Task<string> OpenAsync(Action<JsonObject>? change = null)
    {
        JsonObject opening = Opening();
        change?.Invoke(opening);
        JsonNode opened = await Portal.PostAsync("api/v1/terminations", Tokens.Agent, opening, CancellationToken.None);
        return opened["id"]!.GetValue<string>();
    }

    public JsonObject Opening() =>
        new()
        {
            ["contractId"] = Lms.Leaving.ContractNumber,
            ["customerId"] = Lms.Leaving.CustomerId,
            ["customerName"] = Lms.Leaving.Name,
            ["contact"] = new JsonObject
            {
                ["name"] = Lms.Leaving.ContactName,
                ["email"] = Lms.Leaving.ContactEmail,
                ["locale"] = "en",
            },
            ["term"] = new JsonObject
            {
                ["endsOn"] = TermEndsOn.ToString("yyyy-MM-dd"),
                ["timeZone"] = "Europe/Stockholm",
                ["renewalMonths"] = 12,
            },
            ["notice"] = new JsonObject
            {
                ["kind"] = "nonRenewal",
                ["receivedAt"] = Start.UtcDateTime,
                ["channel"] = "email",
                ["reference"] = "mailbox 4711",
            },
        };

    public async Task<IReadOnlyList<JsonNode>> EventsAsync(string caseId)
    {
        var events = new List<JsonNode>();
        string? cursor = null;
        do
        {
            string query = cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}";
            JsonNode page = await Portal.GetAsync(
                $"api/v1/terminations/{caseId}/events?limit=200{query}",
                Tokens.Officer,
                CancellationToken.None
            );
            events.AddRange(page["items"]!.AsArray().Select(e => e!));
            cursor = page["cursor"]?.GetValue<string>();
        } while (cursor is not null);
        return events;
    }

    public Task<JsonNode> CaseAsync(string caseId) =>
        Portal.GetAsync($"api/v1/terminations/{caseId}", Tokens.Agent, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Portal.Dispose();
        await processor.DisposeAsync();
        await App.DisposeAsync();
        await azurite.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
