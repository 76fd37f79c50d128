using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Portability.Demo;
using Xunit.Abstractions;

namespace Portability.Tests.EndToEnd;

/// <summary>
/// The application is killed (SIGKILL) at random moments of export and erasure and started again. What it ends with must
/// be what an undisturbed run ends with: the same files, the same events in the same order, the same counts.
/// </summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Rows = 5_000;
    private const int KillsWanted = 30;
    private const int MostRuns = 6;
    private const int KillsInPhase = 16;

    /// <summary>A kill comes within this share of what the phase takes; each start works on meanwhile.</summary>
    private const double ShareOfPhase = 0.08;

    [Fact]
    public async Task Flow_KilledAtRandomMoments_EndsAsTheUndisturbedRun()
    {
        int seed = Environment.GetEnvironmentVariable("PORTABILITY_SEED") is { } given
            ? int.Parse(given)
            : RandomNumberGenerator.GetInt32(1_000_000);
        output.WriteLine($"PORTABILITY_SEED={seed}");
        var random = new Random(seed);

        Ending undisturbed = await DepartAsync(Timetable.Undisturbed);
        output.WriteLine($"undisturbed: export {undisturbed.ExportTook}, erasure {undisturbed.ErasureTook}");
        Assert.Equal("closed", undisturbed.Phase);
        Assert.NotEmpty(undisturbed.Files);

        int kills = 0;
        for (int run = 0; run < MostRuns && kills < KillsWanted; run++)
        {
            var timetable = new Timetable(random, undisturbed.ExportTook, undisturbed.ErasureTook);
            Ending ending = await DepartAsync(timetable);
            kills += timetable.Kills;
            output.WriteLine(
                $"run {run}: {timetable.Kills} kills, export {ending.ExportTook}, erasure {ending.ErasureTook}"
            );
            Assert.Equal(undisturbed.Files.Split('\n'), ending.Files.Split('\n'));
            Assert.Equal(undisturbed.Events.Split('\n'), ending.Events.Split('\n'));
            Assert.Equal(undisturbed.Counts, ending.Counts);
            Assert.Equal(undisturbed.RowsLeft, ending.RowsLeft);
            Assert.Equal(undisturbed.StayingDigest, ending.StayingDigest);
            Assert.Equal(undisturbed.Phase, ending.Phase);
        }
        output.WriteLine($"{kills} kills");
        Assert.True(kills >= KillsWanted, $"Only {kills} kills hit a running flow (seed {seed}).");
    }

    private async Task<Ending> DepartAsync(Timetable timetable)
    {
        await using Landscape landscape = await Landscape.SetUpAsync(Rows);
        string caseId = await landscape.OpenAsync();
        string path = $"api/v1/terminations/{caseId}";
        await landscape.Portal.MoveClockAsync(Landscape.Start.AddDays(50), CancellationToken.None);

        JsonNode asked = await landscape.Portal.PostAsync(
            $"{path}/exports",
            landscape.Tokens.Agent,
            new JsonObject(),
            CancellationToken.None
        );
        int number = asked["number"]!.GetValue<int>();
        var stopwatch = Stopwatch.StartNew();
        await timetable.KillDuringExportAsync(
            landscape.App,
            async () => await StatusAsync(landscape, $"{path}/exports/{number}") == "running"
        );
        JsonNode export = await ReadyAsync(landscape, $"{path}/exports/{number}");
        TimeSpan exportTook = stopwatch.Elapsed;
        // The mail that says so has gone before the customer comes for the files.
        await landscape.Portal.MoveClockAsync(Landscape.Start.AddDays(50).AddHours(1), CancellationToken.None);

        JsonNode links = await landscape.Portal.PostAsync(
            $"{path}/exports/{number}/links",
            landscape.Tokens.Agent,
            new JsonObject(),
            CancellationToken.None
        );
        SortedDictionary<string, string> files = await DownloadAsync(links.AsArray(), caseId);
        await landscape.Portal.PostAsync(
            $"{path}/confirmation",
            landscape.Tokens.Agent,
            new JsonObject { ["export"] = number, ["manifestSha256"] = export["manifestSha256"]!.GetValue<string>() },
            CancellationToken.None
        );

        // The day before erasure opens, undisturbed; then across it, killed on the way.
        DateTimeOffset opens = (await landscape.CaseAsync(caseId))["dates"]![
            "windowCloses"
        ]!.GetValue<DateTimeOffset>();
        await landscape.Portal.MoveClockAsync(opens.AddDays(4), CancellationToken.None);
        stopwatch.Restart();
        await timetable.KillDuringErasureAsync(
            landscape.App,
            () => landscape.Portal.MoveClockAsync(opens.AddDays(8), CancellationToken.None)
        );
        TimeSpan erasureTook = stopwatch.Elapsed;

        JsonNode ended = await landscape.CaseAsync(caseId);
        JsonNode certificate = JsonNode.Parse(
            await landscape.Portal.GetBytesAsync(
                $"{path}/certificates/1.json",
                landscape.Tokens.Officer,
                CancellationToken.None
            )
        )!;
        return new Ending(
            ended["phase"]!.GetValue<string>(),
            string.Join('\n', files.Select(f => $"{f.Value}  {f.Key}")),
            string.Join('\n', (await landscape.EventsAsync(caseId)).Select(Comparable)),
            certificate["datasets"]!.ToJsonString(),
            // Counts, not content: the tombstone rightly says at what moment the account was closed.
            string.Join(
                '\n',
                (await landscape.Lms.CountAsync(landscape.Lms.Leaving.CustomerId))
                    .Select(t => $"{t.Key} {t.Value}")
                    .Order()
            ),
            (await landscape.Lms.DigestAsync(landscape.Lms.Staying.CustomerId)).Sha256,
            exportTook,
            erasureTook
        );
    }

    private static async Task<string> StatusAsync(Landscape landscape, string export) =>
        (await landscape.Portal.GetAsync(export, landscape.Tokens.Agent, CancellationToken.None))[
            "status"
        ]!.GetValue<string>();

    private static async Task<JsonNode> ReadyAsync(Landscape landscape, string export)
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            JsonNode seen = await landscape.Portal.GetAsync(export, landscape.Tokens.Agent, CancellationToken.None);
            string status = seen["status"]!.GetValue<string>();
            if (status == "ready")
            {
                return seen;
            }
            Assert.True(status == "running", $"The export ended as {status}: {seen.ToJsonString()}");
            Assert.True(patience.Elapsed < TimeSpan.FromMinutes(3), $"The export hangs: {seen.ToJsonString()}");
            await Task.Delay(100);
        }
    }

    /// <summary>Hashes of all files but those that name snapshot times, or hash one that does; the README's case id left out.</summary>
    private static async Task<SortedDictionary<string, string>> DownloadAsync(JsonArray links, string caseId)
    {
        using var http = new HttpClient();
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonNode? link in links)
        {
            string name = link!["file"]!.GetValue<string>();
            if (name is not ("manifest.json" or "SHA256SUMS"))
            {
                byte[] bytes = await http.GetByteArrayAsync(link["url"]!.GetValue<string>());
                if (name == "README.txt")
                {
                    bytes = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace(caseId, "the case"));
                }
                files[name] = Convert.ToHexStringLower(SHA256.HashData(bytes));
            }
        }
        return files;
    }

    /// <summary>An event without what rightly differs: times of day, ids made for the case, and hashes over these.</summary>
    private static string Comparable(JsonNode e)
    {
        var body = e["data"]!.DeepClone().AsObject();
        foreach (
            string name in new[]
            {
                "at",
                "caseId",
                "manifestSha256",
                "sha256",
                "expiresAt",
                "deadline",
                "messageId",
                "customerName",
                "contact",
                "recipient",
                "reference",
                "receivedAt",
                "answerBy",
            }
        )
        {
            body.Remove(name);
        }
        return $"{e["name"]} {body.ToJsonString()}";
    }

    private sealed record Ending(
        string Phase,
        string Files,
        string Events,
        string Counts,
        string RowsLeft,
        string StayingDigest,
        TimeSpan ExportTook,
        TimeSpan ErasureTook
    );

    /// <summary>When to kill: at random moments of what the undisturbed run took, counted from each start.</summary>
    private sealed class Timetable(Random? random, TimeSpan export, TimeSpan erasure)
    {
        public static readonly Timetable Undisturbed = new(random: null, TimeSpan.Zero, TimeSpan.Zero);

        public int Kills { get; private set; }

        /// <summary>Kills while the export runs; a kill after its end would prove nothing and is not counted.</summary>
        public async Task KillDuringExportAsync(AppProcess app, Func<Task<bool>> isRunning)
        {
            for (int i = 0; random is not null && i < KillsInPhase; i++)
            {
                await Task.Delay(export * random.NextDouble() * ShareOfPhase);
                if (!await isRunning())
                {
                    return;
                }
                await KillAndStartAsync(app);
            }
        }

        public async Task KillDuringErasureAsync(AppProcess app, Func<Task> moveClock)
        {
            for (int i = 0; random is not null && i < KillsInPhase; i++)
            {
                Task moving = moveClock();
                if (await Task.WhenAny(moving, Task.Delay(erasure * random.NextDouble() * ShareOfPhase)) == moving)
                {
                    await moving;
                    return;
                }
                await KillAndStartAsync(app);
                // The caller's connection died with the application; asking again is what a caller does.
                await Assert.ThrowsAnyAsync<Exception>(() => moving);
            }
            await moveClock();
        }

        private async Task KillAndStartAsync(AppProcess app)
        {
            await app.KillAsync();
            Kills++;
            await app.StartAgainAsync();
        }
    }
}
