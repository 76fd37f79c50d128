using System.Security.Cryptography;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Portability.DataMap;
using Portability.Demo;
using Portability.Erasure;
using Portability.Terminations;
using Portability.Tests.DataMap;
using Portability.Tests.Sources;

namespace Portability.Tests.Erasure;

/// <summary>One Azurite for all erasure tests.</summary>
public sealed class StorageFixture : IAsyncLifetime
{
    private AzuriteProcess? azurite;

    public string ConnectionString => azurite!.ConnectionString;

    public async Task InitializeAsync() => azurite = await AzuriteProcess.StartAsync();

    public async Task DisposeAsync() => await azurite!.DisposeAsync();
}

[CollectionDefinition("storage")]
public sealed class StorageTests : ICollectionFixture<StorageFixture>;

/// <summary>Lets everything pass, or stops where a test says so, and remembers who asked.</summary>
internal sealed class TestGate : IErasureGate
{
    public Func<string, int, bool> MayPass { get; set; } = (_, _) => true;

    /// <summary>Runs after the answer was given: a test kills the run here, or inspects the open transaction's effect.</summary>
    public Action<string, int> Passed { get; set; } = (_, _) => { };

    public int Asked { get; private set; }

    public IErasureAttempt Begin(ErasureRef run) => new Attempt(this);

    private sealed class Attempt(TestGate gate) : IErasureAttempt
    {
        private BatchPass? passed;

        public ValueTask<bool> MayPassAsync(BatchPass batch, CancellationToken cancellationToken)
        {
            gate.Asked++;
            passed = batch;
            return ValueTask.FromResult(gate.MayPass(batch.Dataset, batch.Number));
        }

        public ValueTask PassedAsync(CancellationToken cancellationToken)
        {
            gate.Passed(passed!.Dataset, passed.Number);
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>A database, a map and an eraser over real storage.</summary>
internal sealed class ErasureBench : IDisposable
{
    private static readonly DateTimeOffset Now = new(2027, 7, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly string storage;

    public ErasureBench(string storage, string schema, string map, int batchRows = 3)
    {
        this.storage = storage;
        File = new(schema);
        Settings = new ConfigurationBuilder()
            .AddInMemoryCollection(
                new Dictionary<string, string?> { ["Lms"] = File.ConnectionString, ["Media"] = storage }
            )
            .Build();
        Systems = new(MapFile.Load(File.Folder, map), Settings);
        Eraser = NewEraser(batchRows);
    }

    public SqliteFile File { get; }

    public static RunKeys Keys { get; } = new([RandomNumberGenerator.GetBytes(32)]);

    /// <summary>Issues certificates, with a signing key of its own or a given one.</summary>
    public Certificates Certificates(CertificateKeys? keys = null) =>
        new(Systems, new BlobServiceClient(storage), Keys, keys ?? SigningKeys);

    public static CertificateKeys SigningKeys { get; } = new(AppSettings.SigningKey());

    public IConfiguration Settings { get; }

    public MappedSystems Systems { get; }

    public TestGate Gate { get; } = new();

    public Eraser Eraser { get; }

    public string CaseId { get; } = $"case-{Guid.NewGuid():N}";

    /// <summary>An eraser as a restarted process would make it: nothing in memory of what went before.</summary>
    public Eraser NewEraser(int batchRows = 3, TimeSpan? budget = null) =>
        new(
            Systems,
            new BlobServiceClient(storage),
            Keys,
            Gate,
            new FixedClock(Now),
            new()
            {
                BatchRows = batchRows,
                MostBatchRows = batchRows,
                CallBudget = budget ?? TimeSpan.FromMinutes(2),
            }
        );

    public ErasureOrder Order(
        int run = 1,
        string customer = "1",
        ErasureKind kind = ErasureKind.Full,
        params string[] held
    ) =>
        new()
        {
            CaseId = CaseId,
            Run = run,
            CustomerId = customer,
            Kind = kind,
            AsOf = Now,
            EffectiveEnd = new(2027, 3, 31, 22, 0, 0, TimeSpan.Zero),
            TimeZone = "Europe/Stockholm",
            HeldDatasets = held,
        };

    /// <summary>Seals and erases all datasets in order; the outcomes by dataset.</summary>
    public async Task<(ErasurePlan Plan, Dictionary<string, BatchOutcome> Outcomes)> RunAsync(ErasureOrder order)
    {
        var plan = await Eraser.SealAsync(order, CancellationToken.None);
        var outcomes = new Dictionary<string, BatchOutcome>();
        foreach (var dataset in plan.Datasets)
        {
            outcomes[dataset.Name] = await Eraser.EraseAsync(order.Ref, dataset.Name, null, CancellationToken.None);
        }
        return (plan, outcomes);
    }

    public Task<VerificationReport> VerifyAsync(int run = 1) =>
        Eraser.VerifyAsync(new(CaseId, run), CancellationToken.None);

    public void Dispose() => File.Dispose();

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
