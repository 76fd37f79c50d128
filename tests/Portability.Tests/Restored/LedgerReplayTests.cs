using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs.Models;
using Portability.Demo;
using Portability.Erasure;
using Portability.Storage;
using Portability.Terminations;
using Portability.Tests.Erasure;
using Portability.Tests.Exports;
using Portability.Tests.Sources;
using static Portability.Tests.Erasure.OrgSample;

namespace Portability.Tests.Restored;

/// <summary>A backup from before an erasure is put back; the ledger's replay cleans it.</summary>
public sealed class LedgerReplayTests(StorageFixture storage) : IClassFixture<StorageFixture>
{
    private static readonly DateTimeOffset Erasure = new(2027, 7, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] Tables =
    [
        "orgs",
        "users",
        "posts",
        "invoices",
        "lines",
        "stats",
        "books",
        "loans",
        "wiki",
    ];

    [Fact]
    public async Task Replay_OfADatabaseRestoredFromBefore_LeavesItAsTheErasureDid()
    {
        using var file = new SqliteFile(Schema);
        await using ReplayBench bench = await ErasedAsync(file);
        List<string> neighbour = Neighbour(file);
        List<string> erased = Rows(file);
        Restore(file);
        await bench.UploadAsync();
        List<string> restored = Rows(file);

        var dry = await bench.ReplayAsync();
        List<string> afterDry = Rows(file);
        string records = Path.Combine(bench.Folder, "records");
        var done = await bench.ReplayAsync("--erase", "--yes", "--out", records);
        var again = await bench.ReplayAsync("--erase", "--yes");

        Assert.Equal(1, dry.Status);
        Assert.Contains("came back", dry.Output, StringComparison.Ordinal);
        Assert.Matches(@"posts +lms +4 +0 +0 +0 +0 +0", dry.Output);
        Assert.Matches(@"files +media +2 +0 +0 +0 +0 +0", dry.Output);
        Assert.DoesNotContain("a@x", dry.Output, StringComparison.Ordinal);
        Assert.Equal(restored, afterDry);
        Assert.Equal((0, ""), (done.Status, done.Errors));
        Assert.Equal(erased, Rows(file));
        Assert.Equal(neighbour, Neighbour(file));
        Assert.Equal(["customers/2/n.mp4"], await FilesAsync(bench));
        Assert.Equal("closed", file.Scalar("SELECT status FROM orgs WHERE id = 1"));
        Assert.Equal((0, ""), (again.Status, again.Errors));
        Assert.EndsWith(
            "Nothing came back: 1 customer(s) of the ledger looked at.\n",
            again.Output,
            StringComparison.Ordinal
        );
        await RecordsVerifyAsync(bench, records);
    }

    [Fact]
    public async Task Replay_InPostgresAfterTheKeysWereDestroyed_LeavesItAsTheErasureDid()
    {
        string script = Schema.Replace("PRAGMA journal_mode = WAL;", "", StringComparison.Ordinal);
        await using PostgresDatabase database = await PostgresServer.CreateAsync(script);
        await using ReplayBench bench = await ReplayBench.StartAsync(
            storage.ConnectionString,
            database.ConnectionString + ";Pooling=false",
            "postgres"
        );
        // So late that nothing is retained: plans, sealed keys and the key to them go with the certificate.
        await bench.OpenAsync(new(2040, 7, 1, 0, 0, 0, TimeSpan.Zero));
        string backup = Path.Combine(bench.Folder, "backup.sql");
        await Tool.RunAsync(
            PostgresProcess.Program("pg_dump"),
            ["--clean", "--dbname", Uri(database), "--file", backup]
        );
        await bench.EraseAsync();
        List<string> erased = await RowsAsync(database);
        await Tool.RunAsync(
            PostgresProcess.Program("psql"),
            ["--quiet", "-v", "ON_ERROR_STOP=1", "--dbname", Uri(database), "--file", backup]
        );
        long back = await database.CountAsync("SELECT count(*) FROM users WHERE org_id = 1");

        var dry = await bench.ReplayAsync();
        var done = await bench.ReplayAsync("--erase", "--yes");

        Assert.Empty(await RunsAsync(bench));
        Assert.Equal((4, 1, 0), (back, dry.Status, done.Status));
        Assert.Equal(erased, await RowsAsync(database));
        Assert.Equal(1, await database.CountAsync("SELECT count(*) FROM users"));
        Assert.Equal(0, (await bench.ReplayAsync()).Status);
        Assert.Equal(2, (await bench.StateAsync()).Certificates.Count);
    }

    [Fact]
    public async Task Replay_KilledAtEveryBatch_IsGoneOnWithByTheNext()
    {
        using var file = new SqliteFile(Schema);
        await using ReplayBench bench = await ErasedAsync(file);
        List<string> erased = Rows(file);
        Restore(file);
        await bench.UploadAsync();
        var deaths = 0;

        for (var batch = 1; ; batch++)
        {
            var gate = new TestGate();
            var passed = 0;
            gate.Passed = (_, _) =>
            {
                if (++passed == batch)
                {
                    throw new InvalidOperationException("killed");
                }
            };
            try
            {
                Assert.NotNull((await bench.ReplayWithAsync(gate)).Certificate);
                break;
            }
            catch (InvalidOperationException killed) when (killed.Message == "killed")
            {
                deaths++;
            }
        }

        Assert.True(deaths > 5, $"{deaths}");
        Assert.Equal(erased, Rows(file));
        Termination state = await bench.StateAsync();
        Assert.Equal((2, 2), (state.Erasures.Count, state.Certificates.Count));
    }

    [Fact]
    public async Task Replay_InterruptedAndThenLookedAt_SaysSoAndEndsIt()
    {
        using var file = new SqliteFile(Schema);
        await using ReplayBench bench = await ErasedAsync(file);
        Restore(file);
        var gate = new TestGate { Passed = (_, _) => throw new InvalidOperationException("killed") };
        await Assert.ThrowsAsync<InvalidOperationException>(() => bench.ReplayWithAsync(gate));

        var dry = await bench.ReplayAsync();
        var done = await bench.ReplayAsync("--erase", "--yes");

        Assert.Equal(1, dry.Status);
        Assert.Contains("a replay was interrupted", dry.Output, StringComparison.Ordinal);
        Assert.Equal(0, done.Status);
        Assert.Equal(0, file.Count("SELECT count(*) FROM posts WHERE user_id < 20"));
    }

    [Fact]
    public async Task Replay_WhereTheIdIsAnotherCustomersByNow_LeavesItUnlessTold()
    {
        using var file = new SqliteFile(Schema);
        await using ReplayBench bench = await ErasedAsync(file);
        file.Run(
            """
            UPDATE orgs SET name = 'Newcomer', status = 'active', closed_at = NULL WHERE id = 1;
            INSERT INTO users VALUES (30, 1, 'new@z', '5', NULL);
            INSERT INTO posts VALUES (300, 30, 'hello', NULL);
            """
        );
        List<string> before = Rows(file);

        var refused = await bench.ReplayAsync("--erase", "--yes");
        List<string> after = Rows(file);
        var told = await bench.ReplayAsync("--erase", "--yes", "--reused", "1");

        Assert.Equal(1, refused.Status);
        Assert.Contains("may be another customer's by now", refused.Output, StringComparison.Ordinal);
        Assert.Contains("rows looked up are not in the ledger", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(before, after);
        Assert.Equal(0, told.Status);
        Assert.Equal(0, file.Count("SELECT count(*) FROM users WHERE id = 30"));
    }

    [Fact]
    public async Task Replay_WhileAnotherContractOfTheCustomerLives_LeavesItWhateverIsSaid()
    {
        using var file = new SqliteFile(Schema);
        await using ReplayBench bench = await ErasedAsync(file);
        Restore(file);
        PersonalRow name = PersonalRow.Of("Leaver Ltd");
        await bench.AppendAsync(
            [
                new TerminationOpened(
                    "case-of-the-later-contract",
                    "contract-2",
                    "1",
                    name.Ref,
                    name.Ref,
                    "en",
                    new(new(2030, 3, 31), "Europe/Stockholm", 12),
                    new(2030, 3, 31),
                    new()
                )
                {
                    At = Erasure.AddYears(2),
                    Actor = "agent-1",
                },
            ],
            "case-of-the-later-contract",
            name
        );
        List<string> before = Rows(file);

        var refused = await bench.ReplayAsync("--erase", "--yes", "--reused", "1");

        Assert.Equal(1, refused.Status);
        Assert.Contains("contract contract-2 of this customer lives", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(before, Rows(file));
    }

    [Fact]
    public async Task Replay_UnderAHoldOnADataset_LeavesThatOneAndSaysSo()
    {
        using var file = new SqliteFile(Schema);
        await using ReplayBench bench = await ErasedAsync(file);
        Restore(file);
        PersonalRow reason = PersonalRow.Of("dispute");
        await bench.AppendAsync(
            [
                new HoldPlaced("hold-1", reason.Ref, reason.Ref, ["posts"], Until: null)
                {
                    At = Erasure.AddDays(9),
                    Actor = "officer-1",
                },
            ],
            caseId: null,
            reason
        );

        var done = await bench.ReplayAsync("--erase", "--yes");

        Assert.Equal(1, done.Status);
        Assert.Contains("posts: held", done.Errors, StringComparison.Ordinal);
        Assert.Equal(4, file.Count("SELECT count(*) FROM posts WHERE user_id < 20"));
        Assert.Equal(0, file.Count("SELECT count(*) FROM loans WHERE org_id = 1"));
        Assert.Single((await bench.StateAsync()).Certificates);
    }

    [Fact]
    public async Task Replay_YearsLater_TakesWhatTheLawNoLongerKeeps()
    {
        using var file = new SqliteFile(Schema);
        await using ReplayBench bench = await ErasedAsync(file);
        long kept = file.Count("SELECT count(*) FROM invoices WHERE org_id = 1");
        Restore(file);
        PersonalRow reason = PersonalRow.Of("dispute");
        await bench.AppendAsync(
            [
                new HoldPlaced("hold-1", reason.Ref, reason.Ref, ["wiki"], Until: null)
                {
                    At = Erasure.AddYears(8),
                    Actor = "officer-1",
                },
                new HoldExpired("hold-1") { At = Erasure.AddYears(8), Actor = "system" },
            ],
            caseId: null,
            reason
        );

        var done = await bench.ReplayAsync("--erase", "--yes");

        Assert.Equal((1, 0), (kept, done.Status));
        Assert.Equal(0, file.Count("SELECT count(*) FROM invoices WHERE org_id = 1"));
        Assert.Equal(0, file.Count("SELECT count(*) FROM users WHERE org_id = 1"));
    }

    [Fact]
    public async Task Replay_WhenTheCaseWasRemoved_StillSeesWhatCameBackAndDoesNotTouchIt()
    {
        using var file = new SqliteFile(Schema);
        await using ReplayBench bench = await ErasedAsync(file);
        await bench.RemoveCaseAsync();

        var clean = await bench.ReplayAsync("--erase", "--yes");
        Restore(file);
        List<string> before = Rows(file);
        var back = await bench.ReplayAsync("--erase", "--yes");

        Assert.Equal((0, ""), (clean.Status, clean.Errors));
        Assert.Equal(2, back.Status);
        Assert.Contains("is not in this storage", back.Errors, StringComparison.Ordinal);
        Assert.Equal(before, Rows(file));
    }

    [Fact]
    public async Task Replay_ByALedgerThatWasChanged_ErasesNothing()
    {
        using var file = new SqliteFile(Schema);
        await using ReplayBench bench = await ErasedAsync(file);
        Restore(file);
        List<string> before = Rows(file);
        TableClient rows = bench.Get<TableServiceClient>().GetTableClient(StorageSetup.Ledger);
        LedgerEntryRow row = await rows.GetEntityAsync<LedgerEntryRow>(LedgerTable.Partition, LedgerEntryRow.KeyOf(1));
        row.Body = row.Body!.Replace("\"customerId\":\"1\"", "\"customerId\":\"2\"", StringComparison.Ordinal);
        await rows.UpdateEntityAsync(row, ETag.All, TableUpdateMode.Replace);

        var refused = await bench.ReplayAsync("--erase", "--yes");

        Assert.Equal(2, refused.Status);
        Assert.Contains("entry 1 was changed", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(before, Rows(file));
    }

    [Fact]
    public async Task Replay_ThatCannotBeDone_ErasesNothingAndSaysWhy()
    {
        using var file = new SqliteFile(Schema);
        await using ReplayBench bench = await ErasedAsync(file);
        Restore(file);
        List<string> before = Rows(file);
        const string mask = "{ \"anonymise\": { \"ip\": \"null\", \"who\": \"hash\" } }";
        const string none = "{ \"none\": \"not ours\" }";

        // Nobody to ask.
        await RefusedAsync("say --yes", "--erase");
        await RefusedBySettingAsync("Lms", "Data Source=/nowhere/lms.db", "lms");
        string otherKey = Convert.ToBase64String(new byte[32]);
        await RefusedBySettingAsync("Erasure__RunKey", otherKey, "Erasure__RunKey no longer holds the key");
        await RefusedBySettingAsync("Certificates__SigningKey", null, "Certificates__SigningKey");
        bench.ChangeMap(map => map.Replace(mask, none, StringComparison.Ordinal));
        await RefusedAsync("'stats' of system 'lms' was erased then", "--erase", "--yes");
        Assert.Single((await bench.StateAsync()).Erasures);

        async Task RefusedBySettingAsync(string name, string? value, string why)
        {
            string? right = bench.Set(name, value);
            await RefusedAsync(why, "--erase", "--yes");
            bench.Set(name, right);
        }

        async Task RefusedAsync(string why, params string[] arguments)
        {
            var refused = await bench.ReplayAsync(arguments);
            Assert.Equal(2, refused.Status);
            Assert.Contains(why, refused.Errors, StringComparison.Ordinal);
            Assert.Equal(before, Rows(file));
        }
    }

    private async Task<ReplayBench> ErasedAsync(SqliteFile file)
    {
        ReplayBench bench = await ReplayBench.StartAsync(storage.ConnectionString, file.ConnectionString);
        await bench.OpenAsync(Erasure);
        file.Run($"VACUUM INTO '{file.Path}.backup'");
        await bench.EraseAsync();
        return bench;
    }

    private static void Restore(SqliteFile file)
    {
        File.Delete(file.Path + "-wal");
        File.Delete(file.Path + "-shm");
        File.Copy(file.Path + ".backup", file.Path, overwrite: true);
    }

    /// <summary>All rows; hashes are keyed anew by each run, so they read as one word.</summary>
    private static List<string> Rows(SqliteFile file) =>
        [.. Tables.SelectMany(table => file.Rows($"SELECT * FROM {table} ORDER BY 1, 2").Select(Masked))];

    private static async Task<List<string>> RowsAsync(PostgresDatabase database)
    {
        var rows = new List<string>();
        foreach (string table in Tables)
        {
            rows.AddRange((await database.RowsAsync($"SELECT * FROM {table} ORDER BY 1, 2")).Select(Masked));
        }
        return rows;
    }

    private static string Masked(string row) =>
        System.Text.RegularExpressions.Regex.Replace(
            row,
            "erased-[0-9a-f]{32}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+Z",
            "masked",
            System.Text.RegularExpressions.RegexOptions.None,
            TimeSpan.FromSeconds(1)
        );

    private static List<string> Neighbour(SqliteFile file) =>
        [
            .. file.Rows("SELECT * FROM orgs WHERE id = 2"),
            .. file.Rows("SELECT * FROM users WHERE org_id = 2"),
            .. file.Rows("SELECT * FROM posts WHERE user_id = 20"),
            .. file.Rows("SELECT * FROM invoices WHERE org_id = 2"),
            .. file.Rows("SELECT * FROM lines WHERE invoice_id = 600"),
            .. file.Rows("SELECT * FROM stats WHERE id = 2"),
            .. file.Rows("SELECT * FROM books"),
            .. file.Rows("SELECT * FROM loans WHERE org_id = 2"),
            .. file.Rows("SELECT * FROM wiki WHERE id = 2"),
        ];

    private static async Task<List<string>> FilesAsync(ReplayBench bench)
    {
        var names = new List<string>();
        await foreach (BlobItem blob in bench.Media.GetBlobsAsync())
        {
            names.Add(blob.Name);
        }
        return names;
    }

    private static async Task<List<string>> RunsAsync(ReplayBench bench)
    {
        var names = new List<string>();
        await foreach (
            BlobItem blob in bench
                .Get<Azure.Storage.Blobs.BlobServiceClient>()
                .GetBlobContainerClient("erasure-runs")
                .GetBlobsAsync()
        )
        {
            names.Add(blob.Name);
        }
        return names;
    }

    /// <summary>The record is signed, supersedes the first, stands in the chain and in the ledger.</summary>
    private static async Task RecordsVerifyAsync(ReplayBench bench, string records)
    {
        string path = Path.Combine(records, $"{bench.CaseId}-2");
        Assert.Equal(
            "Verified OK",
            (
                await Tool.RunAsync(
                    "openssl",
                    ["dgst", "-sha256", "-verify", $"{path}.pem", "-signature", $"{path}.sig", $"{path}.json"]
                )
            ).Trim()
        );
        using var json = System.Text.Json.JsonDocument.Parse(await File.ReadAllBytesAsync($"{path}.json"));
        Assert.Equal("replay", json.RootElement.GetProperty("kind").GetString());
        Assert.Equal($"{bench.CaseId}-1", json.RootElement.GetProperty("supersedes").GetString());
        Assert.Equal(2, json.RootElement.GetProperty("ledger").GetProperty("entry").GetInt64());
        string pdf = await Tool.RunAsync("pdftotext", ["-layout", "-enc", "UTF-8", $"{path}.pdf", "-"]);
        Assert.Contains("that a restored backup had brought back", pdf, StringComparison.Ordinal);
        var audit = await bench.CommandAsync("audit", "verify", bench.CaseId);
        var ledger = await bench.CommandAsync("ledger", "verify");
        Assert.Equal((0, 0), (audit.Status, ledger.Status));
        Assert.Contains("Ledger: 2 entries", ledger.Output, StringComparison.Ordinal);
    }

    private static string Uri(PostgresDatabase database)
    {
        var parts = new Npgsql.NpgsqlConnectionStringBuilder(database.ConnectionString);
        return $"host={parts.Host} port={parts.Port} user={parts.Username} password={parts.Password} dbname={parts.Database}";
    }
}
