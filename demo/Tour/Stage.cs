namespace Portability.Demo.Tour;

/// <summary>Azurite, the sample LMS and the application, set up for one run in a folder of their own.</summary>
internal sealed class Stage : IAsyncDisposable
{
    // In memory Azurite is quicker and leaves nothing behind; a large sample would not fit.
    private const int LargestInMemory = 300_000;
    private readonly string folder;
    private readonly AzuriteProcess azurite;

    private Stage(
        string folder,
        AzuriteProcess azurite,
        SampleLms lms,
        AppProcess app,
        SampleProcessor processor,
        AppTokens tokens,
        IReadOnlyDictionary<string, string> settings
    )
    {
        Processor = processor;
        Settings = settings;
        this.folder = folder;
        this.azurite = azurite;
        Lms = lms;
        App = app;
        Tokens = tokens;
        MailFolder = MailFolderIn(folder);
    }

    public SampleLms Lms { get; }

    public AppProcess App { get; }

    /// <summary>The newsletter service: a sub-processor with copies of its own.</summary>
    public SampleProcessor Processor { get; }

    public AppTokens Tokens { get; }

    /// <summary>The application's settings, as environment variables.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    public string MailFolder { get; }

    public string Storage => azurite.ConnectionString;

    public static async Task<Stage> SetUpAsync(
        TourOptions options,
        TourScreen screen,
        DateOnly today,
        CancellationToken ct
    )
    {
        string work = Directory.CreateTempSubdirectory("portability-tour-").FullName;
        AzuriteProcess? storage = null;
        try
        {
            string? location = options.Rows > LargestInMemory ? Path.Combine(work, "azurite") : null;
            storage = await AzuriteProcess.StartAsync(location, ct);
            screen.Say("Azurite answers: blobs, queues and tables on loopback ports of their own.");
            SampleLms lms = await SampleLms.CreateAsync(Path.Combine(work, "lms.db"), options.Rows, seed: 1, today, ct);
            IReadOnlyDictionary<string, int> media = await lms.UploadMediaAsync(storage.ConnectionString, ct);
            screen.Say(
                $"The sample LMS stands: {options.Rows:N0} rows in {lms.Path}, media of "
                    + string.Join(
                        " and ",
                        lms.Customers.Select(c => $"{c.Name} ({c.CustomerId}): {media[c.CustomerId]}")
                    )
                    + "."
            );
            AppTokens tokens = AppTokens.Create();
            Dictionary<string, string> settings = AppSettings.ForSampleLms(
                storage.ConnectionString,
                Checkout.Find(Path.Combine("demo", "datamap.json"))
                    ?? throw new TourException("demo/datamap.json is nowhere above the working directory."),
                lms.Path,
                MailFolderIn(work),
                tokens
            );
            AppProcess app = await AppProcess.StartAsync(
                new AppOptions { WorkFolder = Path.Combine(work, "app"), Settings = settings },
                ct
            );
            screen.Say($"The application is healthy at {app.Address}; its log is {app.LogPath}.");
            SampleProcessor processor = await SampleProcessor.StartAsync(
                app.BusConnectionString,
                Path.Combine(work, "newsletter.db"),
                lms,
                ct
            );
            screen.Say(
                "The newsletter service, a sub-processor with readers' addresses of both, listens on its queue."
            );
            return new Stage(work, storage, lms, app, processor, tokens, settings);
        }
        catch
        {
            if (storage is not null)
            {
                await storage.DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>Stops everything. The folder goes too, unless <see cref="Keep"/> was set because somebody must look into it.</summary>
    public async ValueTask DisposeAsync()
    {
        await Processor.DisposeAsync();
        await App.DisposeAsync();
        await azurite.DisposeAsync();
        if (!Keep)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public bool Keep { get; set; }

    private static string MailFolderIn(string folder) => Path.Combine(folder, "mail");
}
