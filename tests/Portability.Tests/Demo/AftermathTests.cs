using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Portability.DataMap;
using Portability.Demo;
using Portability.Demo.Tour;
using Portability.Erasure;
using Portability.Terminations;
using Portability.Tests.Erasure;

namespace Portability.Tests.Demo;

/// <summary>The whole sample LMS erased for real, and the tour's own account of what is left.</summary>
public sealed class AftermathTests : IAsyncLifetime
{
    private static readonly DateOnly Today = new(2026, 11, 22);
    private readonly string folder = Directory.CreateTempSubdirectory("aftermath-").FullName;
    private AzuriteProcess azurite = null!;
    private SampleLms lms = null!;
    private Snapshot before = null!;

    [Fact]
    public async Task Aftermath_OfARealErasure_IsAsPromised()
    {
        JsonNode certificate = await EraseAsync();

        Promises promises = await JudgeAsync(certificate);

        Assert.Empty(promises.Broken);
        Assert.Equal(0, await ScalarAsync("SELECT count(*) FROM pragma_foreign_key_check"));
    }

    [Theory]
    [InlineData("UPDATE users SET family_name = 'X' WHERE id = 2", "is unchanged")]
    [InlineData(
        "INSERT INTO surveys (id, organisation_id, title, opens_on) VALUES (99, 1, 'left behind', '2026-01-01')",
        "named in the certificate"
    )]
    [InlineData("UPDATE languages SET name = 'X' WHERE code = 'sv'", "both share")]
    public async Task Aftermath_OfADatabaseThatIsNotAsPromised_SaysSo(string change, string broken)
    {
        JsonNode certificate = await EraseAsync();
        await ScalarAsync(change);

        Promises promises = await JudgeAsync(certificate);

        Assert.Contains(broken, Assert.Single(promises.Broken));
    }

    public async Task InitializeAsync()
    {
        azurite = await AzuriteProcess.StartAsync();
        lms = await SampleLms.CreateAsync(Path.Combine(folder, "lms.db"), SampleLms.SmallestRows, seed: 3, Today);
        await lms.UploadMediaAsync(azurite.ConnectionString);
        before = await Snapshot.TakeAsync(lms, azurite.ConnectionString, default);
    }

    public async Task DisposeAsync()
    {
        await azurite.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private async Task<JsonNode> EraseAsync()
    {
        MappedSystems systems = new(
            TenantDataMap.Load(Checkout.Find("demo/datamap.json")!),
            new ConfigurationBuilder()
                .AddInMemoryCollection(
                    new Dictionary<string, string?>
                    {
                        ["Lms"] = lms.ConnectionString,
                        ["LmsMedia"] = azurite.ConnectionString,
                    }
                )
                .Build()
        );
        DateTimeOffset end = new(Today.AddDays(45).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        Eraser eraser = new(
            systems,
            new BlobServiceClient(azurite.ConnectionString),
            ErasureBench.Keys,
            new TestGate(),
            TimeProvider.System
        );
        ErasureOrder order = new()
        {
            CaseId = Guid.NewGuid().ToString("N"),
            Run = 1,
            CustomerId = lms.Leaving.CustomerId,
            Kind = ErasureKind.Full,
            AsOf = end.AddDays(90),
            EffectiveEnd = end,
            TimeZone = lms.Leaving.TimeZone,
        };
        ErasurePlan plan = await eraser.SealAsync(order, default);
        foreach (PlannedErasure dataset in plan.Datasets)
        {
            string? cursor = null;
            BatchOutcome outcome;
            do
            {
                outcome = await eraser.EraseAsync(order.Ref, dataset.Name, cursor, default);
                cursor = outcome.Cursor;
            } while (!outcome.Done);
        }

        await eraser.VerifyAsync(order.Ref, default);
        CertificateFacts facts = new()
        {
            ContractId = lms.Leaving.ContractNumber,
            StartedAt = order.AsOf,
            CompletedAt = order.AsOf,
            StreamVersion = 1,
            StreamHash = "",
            Processors = [new ProcessorAcknowledgement(SampleProcessor.Name, "newsletter-1", order.AsOf)],
        };
        Certificates certificates = new(
            systems,
            new BlobServiceClient(azurite.ConnectionString),
            ErasureBench.Keys,
            ErasureBench.SigningKeys
        );
        await certificates.IssueAsync(order.Ref, facts, default);
        return JsonNode.Parse((await certificates.ReadAsync(order.Ref, default))!)!;
    }

    private async Task<Promises> JudgeAsync(JsonNode certificate)
    {
        TourScreen screen = new("Europe/Stockholm");
        Promises promises = new(screen);
        Snapshot after = await Snapshot.TakeAsync(lms, azurite.ConnectionString, default);
        Aftermath aftermath = new(lms.Leaving, lms.Staying, promises, screen);
        aftermath.Neighbour(before, after);
        aftermath.Leaver(before, after, certificate);
        return promises;
    }

    private async Task<long> ScalarAsync(string sql)
    {
        await using SqliteConnection connection = new(lms.ConnectionString + ";Pooling=False");
        await connection.OpenAsync();
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync() as long? ?? 0;
    }
}
