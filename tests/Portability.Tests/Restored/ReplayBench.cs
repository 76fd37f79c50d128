using System.Security.Cryptography;
using System.Text.Json;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Portability.Cli;
using Portability.Demo;
using Portability.Erasure;
using Portability.Storage;
using Portability.Terminations;
using Portability.Tests.Cli;
using Portability.Tests.DataMap;
using Portability.Tests.Erasure;
using Portability.Workflow;

namespace Portability.Tests.Restored;

/// <summary>
/// The small product of <see cref="OrgSample"/> with a container of files, its customer 1 erased by the app's own steps, and the
/// command line to clean up after a restore. Its storage begins empty: there is one ledger for all cases.
/// </summary>
internal sealed class ReplayBench : IAsyncDisposable
{
    private const string Container = "media-of-replays";
    private readonly string folder = Directory.CreateTempSubdirectory("portability-replay-").FullName;
    private readonly Dictionary<string, string?> settings;
    private readonly CaseClock clock = new();

    private ReplayBench(string storage, string provider, string connection, string map)
    {
        string text = Map.Replace("\"sqlite\"", $"\"{provider}\"", StringComparison.Ordinal);
        string path = Path.Combine(folder, "datamap.json");
        File.WriteAllText(path, map.Length > 0 ? map : text);
        settings = new()
        {
            ["AzureWebJobsStorage"] = storage,
            ["Portability__DataMap"] = path,
            ["Lms"] = connection,
            ["Media"] = storage,
            ["Erasure__RunKey"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            ["Certificates__SigningKey"] = AppSettings.SigningKey(),
        };
        Storage = storage;
        WriteSettings();
        Parts = Compose();
    }

    public static string Map { get; } =
        OrgSample
            .Map.Replace(
                "\"column\": \"id\" } }],",
                $"\"column\": \"id\" }} }}, {{ \"name\": \"media\", \"kind\": \"blob\", \"connection\": \"Media\", \"container\": \"{Container}\" }}],",
                StringComparison.Ordinal
            )
            .Replace(
                MapFile.Table("posts"),
                MapFile.Table("posts")
                    + ", { \"name\": \"files\", \"prefix\": \"customers/{tenant}/\", \"category\": \"data\", \"erase\": \"delete\" }",
                StringComparison.Ordinal
            );

    public ServiceProvider Parts { get; private set; }

    public string Storage { get; }

    public string Folder => folder;

    public string CaseId { get; } = $"case-{Guid.NewGuid():N}";

    public BlobContainerClient Media => new(Storage, Container);

    public T Get<T>()
        where T : notnull => Parts.GetRequiredService<T>();

    public static async Task<ReplayBench> StartAsync(
        string storage,
        string connection,
        string provider = "sqlite",
        string map = ""
    )
    {
        var tables = new TableServiceClient(storage);
        var blobs = new BlobServiceClient(storage);
        foreach (string table in (string[])["ledger", "terminations", "cases"])
        {
            await tables.DeleteTableAsync(table);
        }
        foreach (string container in (string[])["certificates", "erasure-runs", Container])
        {
            await blobs.GetBlobContainerClient(container).DeleteIfExistsAsync();
        }
        await new StorageSetup(tables, blobs).CreateAsync(CancellationToken.None);
        var bench = new ReplayBench(storage, provider, connection, map);
        await bench.Media.CreateAsync();
        await bench.UploadAsync();
        return bench;
    }

    /// <summary>The files of both customers, as a backup of the container would bring them back.</summary>
    public async Task UploadAsync()
    {
        foreach (string name in (string[])["customers/1/a.mp4", "customers/1/b.png", "customers/2/n.mp4"])
        {
            await Media.GetBlobClient(name).UploadAsync(BinaryData.FromString(name), overwrite: true);
        }
    }

    /// <summary>A case of customer 1 whose erasure is due at an instant: its run has started.</summary>
    public async Task OpenAsync(DateTimeOffset erasure, string? caseId = null, string contract = "contract-1")
    {
        PersonalRow name = PersonalRow.Of("Leaver Ltd");
        DateTimeOffset opened = erasure.AddDays(-150);
        var end = DateOnly.FromDateTime(erasure.AddDays(-92).UtcDateTime);
        var calendar = new TermCalendar("Europe/Stockholm");
        await AppendAsync(
            [
                new TerminationOpened(
                    caseId ?? CaseId,
                    contract,
                    "1",
                    name.Ref,
                    name.Ref,
                    "en",
                    new(end, "Europe/Stockholm", 12),
                    end,
                    new()
                )
                {
                    At = opened,
                    Actor = "agent-1",
                },
                new NoticeGiven(NoticeKind.NonRenewal, opened, "email", name.Ref, NoticeTiming.InTime, end)
                {
                    At = opened,
                    Actor = "agent-1",
                },
                new TermEnded { At = calendar.EndOfDay(end), Actor = "system" },
                new AccessFrozen { At = calendar.EndOfDay(end), Actor = "system" },
                new ErasureStarted(1, ErasureKind.Full, Early: false, []) { At = erasure, Actor = "system" },
            ],
            caseId,
            name
        );
    }

    /// <summary>Appends what happened to the case, whatever the rules would say.</summary>
    public async Task AppendAsync(
        IReadOnlyList<TerminationEvent> events,
        string? caseId = null,
        params PersonalRow[] personal
    )
    {
        var store = Get<TerminationStore>();
        string id = caseId ?? CaseId;
        CaseStream at = await store.LoadAsync(id, CancellationToken.None) ?? CaseStream.Unopened(id);
        Termination after = events.Aggregate(at.Fold(), Termination.Evolve);
        AppendOutcome outcome = await store.AppendAsync(
            at,
            NewEvent.Of(id, Guid.NewGuid().ToString(), events),
            personal,
            CaseSummary.Of(after, dueAt: null),
            CancellationToken.None
        );
        Assert.IsType<AppendOutcome.Appended>(outcome);
        clock.NotBefore(after.LastAt);
    }

    /// <summary>Erases, certifies and closes the case, as the app's orchestrations would.</summary>
    public async Task EraseAsync()
    {
        var runs = Get<ErasureActivities>();
        var work = new ErasureWork(CaseId, 1, 0);
        ErasureOutline outline = await runs.SealAsync(work, CancellationToken.None);
        foreach (string dataset in outline.Datasets)
        {
            await runs.EraseDataset(new DatasetToErase(CaseId, 1, dataset, Cursor: null), CancellationToken.None);
        }
        Termination? state = await runs.ConcludeAsync(work, CancellationToken.None);
        Assert.Single(state!.Certificates);
        await Get<AccountAccess>().CloseAsync("1", CancellationToken.None);
        await Get<TerminationCases>().ReportAsync(CaseId, new RecordAccountClosed(), CancellationToken.None);
    }

    /// <summary>The case's rows go, as they do ten years after its end.</summary>
    public async Task RemoveCaseAsync()
    {
        TableClient rows = Get<TableServiceClient>().GetTableClient(StorageSetup.Terminations);
        await foreach (
            TableEntity row in rows.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {CaseId}"))
        )
        {
            await rows.DeleteEntityAsync(row.PartitionKey, row.RowKey, Azure.ETag.All);
        }
    }

    public async Task<Termination> StateAsync() =>
        (await Get<TerminationCases>().LoadAsync(CaseId, CancellationToken.None)).State;

    public Task<(int Status, string Output, string Errors)> ReplayAsync(params string[] arguments) =>
        CommandAsync(["ledger", "replay", .. arguments]);

    public Task<(int Status, string Output, string Errors)> CommandAsync(params string[] arguments) =>
        Commands.RunAsync([.. arguments, "--settings", Path.Combine(folder, "settings.json")]);

    /// <summary>The replay in this process, with a gate that a test can die in.</summary>
    public async Task<ReplayResult> ReplayWithAsync(IErasureGate gate)
    {
        await using ServiceProvider parts = Compose(services => services.AddSingleton(gate));
        var replay = parts.GetRequiredService<LedgerReplay>();
        IReadOnlyList<ReplayFinding> findings = await replay.LookAsync([], [], CancellationToken.None);
        return await replay.ReplayAsync(Assert.Single(findings), CancellationToken.None);
    }

    /// <summary>Changes a setting, as an operator would before the next command, and gives what it was.</summary>
    public string? Set(string name, string? value)
    {
        string? was = settings[name];
        settings[name] = value;
        WriteSettings();
        return was;
    }

    public void ChangeMap(Func<string, string> change)
    {
        string path = settings["Portability__DataMap"]!;
        File.WriteAllText(path, change(File.ReadAllText(path)));
    }

    public async ValueTask DisposeAsync()
    {
        await Parts.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private ServiceProvider Compose(Action<IServiceCollection>? change = null) =>
        AppParts.Compose(
            new ConfigurationBuilder()
                .AddInMemoryCollection(
                    settings.Select(pair =>
                        KeyValuePair.Create(pair.Key.Replace("__", ":", StringComparison.Ordinal), pair.Value)
                    )
                )
                .Build(),
            clock,
            change
        );

    private void WriteSettings() =>
        File.WriteAllText(Path.Combine(folder, "settings.json"), JsonSerializer.Serialize(new { Values = settings }));
}
