using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using Microsoft.Data.Sqlite;

namespace Portability.Demo.Tour;

/// <summary>One customer's way out, driven over HTTP as a support portal would, with every promise checked from outside.</summary>
internal sealed class Departure
{
    private static readonly TimeSpan Stride = TimeSpan.FromDays(7);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(250);

    private readonly TourOptions options;
    private readonly Stage stage;
    private readonly TourScreen screen;
    private readonly Promises promises;
    private readonly PortalClient portal;
    private readonly Refusals refusals;
    private readonly Restoration restoration;
    private readonly string downloads;
    private AuditTrail trail = null!;
    private string caseId = "";

    public Departure(
        TourOptions options,
        Stage stage,
        TourScreen screen,
        Promises promises,
        PortalClient portal,
        string keepIn
    )
    {
        this.options = options;
        this.stage = stage;
        this.screen = screen;
        this.promises = promises;
        this.portal = portal;
        refusals = new Refusals(portal, stage.Tokens, promises);
        restoration = new Restoration(stage, promises, screen);
        downloads = Path.Combine(keepIn, "downloads");
        KeepIn = keepIn;
    }

    private string KeepIn { get; }

    private SampleCustomer Leaving => stage.Lms.Leaving;

    private SampleCustomer Staying => stage.Lms.Staying;

    private string Case => $"api/v1/terminations/{caseId}";

    public async Task RunAsync(CancellationToken ct)
    {
        Snapshot before = await Snapshot.TakeAsync(stage.Lms, stage.Storage, ct);
        screen.Say(
            $"{Leaving.Name} ({Leaving.CustomerId}) will leave with {before.Leaving.Rows:N0} rows and {before.LeavingBlobs} media files; "
                + $"{Staying.Name} ({Staying.CustomerId}) stays with {before.Staying.Rows:N0} rows and {before.StayingBlobs}."
        );

        await OpenAsync(ct);
        await UntilTermEndAsync(ct);
        Snapshot frozen = await Snapshot.TakeAsync(stage.Lms, stage.Storage, ct);
        JsonArray links = await ExportAsync(frozen, ct);
        await UntilErasedAsync(ct);
        await AfterwardsAsync(before, frozen, links, ct);
    }

    private async Task OpenAsync(CancellationToken ct)
    {
        screen.Chapter("Notice");
        DateTimeOffset now = await portal.ClockAsync(ct);
        await refusals.BasicsAsync(ct);
        JsonObject opening = Opening(now);
        await refusals.LateNoticeAsync(opening, DateOnly.FromDateTime(now.UtcDateTime).AddDays(10), ct);

        string key = Guid.NewGuid().ToString();
        PortalAnswer opened = await portal.TryPostAsync("api/v1/terminations", stage.Tokens.Agent, opening, key, ct);
        if (!opened.IsSuccess || opened.Body?["id"] is not { } id)
        {
            throw new TourException($"The case could not be opened: {(int)opened.Status} {opened.Text}");
        }

        caseId = id.GetValue<string>();
        trail = new AuditTrail(portal, stage.Tokens.Officer, caseId, screen, new Mailbox(stage.MailFolder));
        promises.ExpectEqual("a case is opened", 201, (int)opened.Status);
        await refusals.OpeningTwiceAsync(opening, key, caseId, ct);
        await trail.ShowNewAsync(ct);
    }

    private JsonObject Opening(DateTimeOffset now) =>
        new()
        {
            ["contractId"] = Leaving.ContractNumber,
            ["customerId"] = Leaving.CustomerId,
            ["customerName"] = Leaving.Name,
            ["contact"] = new JsonObject
            {
                ["name"] = Leaving.ContactName,
                ["email"] = Leaving.ContactEmail,
                ["locale"] = Leaving.Locale,
            },
            ["term"] = new JsonObject
            {
                ["endsOn"] = Leaving.TermEndsOn.ToString("O", CultureInfo.InvariantCulture),
                ["timeZone"] = Leaving.TimeZone,
                ["renewalMonths"] = Leaving.RenewalMonths,
            },
            ["notice"] = new JsonObject
            {
                ["kind"] = "nonRenewal",
                ["receivedAt"] = now.UtcDateTime,
                ["channel"] = "email",
                ["reference"] = "support mailbox, message 4711",
            },
        };

    private async Task UntilTermEndAsync(CancellationToken ct)
    {
        screen.Chapter("The term runs out");
        JsonNode seen = await portal.GetAsync(Case, stage.Tokens.Agent, ct);
        DateTimeOffset effectiveEnd = Date(seen, "effectiveEnd");
        await AdvanceAsync(effectiveEnd.AddHours(-1), ct);
        promises.ExpectEqual("until the last hour the service works", "active", await AccountStatusAsync(Leaving, ct));
        await AdvanceAsync(effectiveEnd.AddDays(3), ct);
        promises.ExpectEqual(
            "after it the customer's users are locked out",
            "frozen",
            await AccountStatusAsync(Leaving, ct)
        );
        promises.ExpectEqual($"{Staying.Name} works on", "active", await AccountStatusAsync(Staying, ct));
        await ExpectPhaseAsync("exportWindow", ct);
    }

    private async Task<JsonArray> ExportAsync(Snapshot frozen, CancellationToken ct)
    {
        screen.Chapter("Export");
        JsonNode requested = await portal.PostAsync($"{Case}/exports", stage.Tokens.Agent, new JsonObject(), ct);
        int number = requested["number"]!.GetValue<int>();
        string manifestSha256 = await AwaitExportAsync(number, ct);
        await trail.ShowNewAsync(ct);

        JsonArray links = (
            await portal.PostAsync($"{Case}/exports/{number}/links", stage.Tokens.Agent, new JsonObject(), ct)
        ).AsArray();
        using Downloader downloader = new(downloads);
        IReadOnlyList<string> wrong = [];
        await screen.ProgressAsync(
            "Downloaded",
            async progress => wrong = await downloader.DownloadAsync(links, progress, ct)
        );
        promises.Expect(
            $"{links.Count} files came by their links, as large and with the hash that was said",
            wrong.Count == 0,
            string.Join(", ", wrong)
        );

        (int count, IReadOnlyList<string> bad) = await downloader.CheckSumsAsync(ct);
        promises.Expect(
            $"SHA256SUMS holds for {count} files (computed here, as sha256sum -c does)",
            bad.Count == 0,
            string.Join(", ", bad)
        );
        string manifestFile = Path.Combine(downloads, "manifest.json");
        promises.ExpectEqual(
            "the manifest has the announced hash",
            manifestSha256,
            await Downloader.HashAsync(manifestFile, ct)
        );

        ExportChecks checks = new(downloads, promises);
        JsonNode manifest = JsonNode.Parse(await File.ReadAllTextAsync(manifestFile, ct))!;
        Dictionary<string, long> rows = frozen.Leaving.Tables.ToDictionary(
            t => t.Key,
            t => t.Value.Rows,
            StringComparer.Ordinal
        );
        checks.RowsOfManifest(manifest, rows);
        checks.Media(manifest, frozen.LeavingBlobs);
        await checks.DumpLoadsAsync(rows, ct);
        new FormatChecks(downloads, promises).OneOfEach(manifest);
        await checks.NothingOfAsync(Staying, ct);

        await refusals.WrongHashAsync(caseId, number, ct);
        JsonObject confirmation = new() { ["export"] = number, ["manifestSha256"] = manifestSha256 };
        await portal.PostAsync($"{Case}/confirmation", stage.Tokens.Agent, confirmation, ct);
        await trail.ShowNewAsync(ct);
        return links;
    }

    /// <summary>Polls an export until it ends; its files are written while this watches.</summary>
    private async Task<string> AwaitExportAsync(int number, CancellationToken ct)
    {
        JsonNode export = null!;
        await screen.ProgressAsync(
            "Written",
            async progress =>
            {
                while (true)
                {
                    export = await portal.GetAsync($"{Case}/exports/{number}", stage.Tokens.Agent, ct);
                    JsonNode?[] files = [.. export["files"]?.AsArray() ?? []];
                    long rows = files.Sum(file => file!["rows"]?.GetValue<long>() ?? 0);
                    long bytes = files.Sum(file => file!["bytes"]?.GetValue<long>() ?? 0);
                    progress(
                        files.Count(file => file!["state"]?.GetValue<string>() == "done"),
                        files.Length,
                        string.Create(CultureInfo.InvariantCulture, $"files, {rows:N0} rows, {bytes:N0} bytes")
                    );
                    if (export["status"]!.GetValue<string>() is "ready" or "failed" or "cancelled")
                    {
                        return;
                    }

                    await Task.Delay(PollEvery, ct);
                }
            }
        );
        return export["status"]!.GetValue<string>() == "ready"
            ? export["manifestSha256"]!.GetValue<string>()
            : throw new TourException($"Export {number} ended as {export["status"]}: {export.ToJsonString()}");
    }

    private async Task UntilErasedAsync(CancellationToken ct)
    {
        screen.Chapter("The export window runs out");
        JsonNode seen = await portal.GetAsync(Case, stage.Tokens.Agent, ct);
        DateTimeOffset due = Date(seen, "erasureDue");
        await AdvanceAsync(due.AddMinutes(-1), ct);
        promises.Expect("nothing is erased before its day", !trail.Names.Contains("erasure-started"));
        await restoration.TakeBackupAsync(ct);
        screen.Chapter("Erasure");
        await AdvanceAsync(due.AddDays(7), ct);
        await ExpectPhaseAsync("closed", ct);
    }

    private async Task AfterwardsAsync(Snapshot before, Snapshot frozen, JsonArray links, CancellationToken ct)
    {
        screen.Chapter("Afterwards");
        JsonNode listed = await portal.GetAsync($"{Case}/certificates", stage.Tokens.Agent, ct);
        JsonNode first = listed["items"]!.AsArray()[0]!;
        CertificateCheck check = new(portal, stage.Tokens.Agent, KeepIn, promises);
        JsonNode certificate = await check.RunAsync(Case, first["number"]!.GetValue<int>(), ct);
        await File.WriteAllLinesAsync(
            Path.Combine(KeepIn, "events.jsonl"),
            trail.Events.Select(item => item.ToJsonString(JsonLines)),
            ct
        );

        Snapshot after = await Snapshot.TakeAsync(stage.Lms, stage.Storage, ct);
        Aftermath aftermath = new(Leaving, Staying, promises, screen);
        aftermath.Neighbour(before, after);
        aftermath.Leaver(frozen, after, certificate);
        promises.ExpectEqual(
            "the newsletter service erased its copies, said so, and was asked",
            (0L, "newsletter"),
            (
                await stage.Processor.CountAsync(Leaving.CustomerId, ct),
                certificate["processors"]!.AsArray().Single(p => p!["acknowledgement"] is not null)![
                    "processor"
                ]!.GetValue<string>()
            )
        );
        promises.ExpectEqual(
            $"its copies of {Staying.Name} are all there",
            SampleProcessor.ReadersOfEach,
            await stage.Processor.CountAsync(Staying.CustomerId, ct)
        );
        promises.ExpectEqual("the customer's account is closed", "closed", await AccountStatusAsync(Leaving, ct));
        promises.ExpectEqual($"{Staying.Name} works on", "active", await AccountStatusAsync(Staying, ct));
        using Downloader downloader = new(downloads);
        promises.Expect(
            "the links to the export are dead",
            await downloader.IsDeadAsync(links[0]!["url"]!.GetValue<string>(), ct)
        );
        await refusals.ExportTooLateAsync(caseId, ct);
        promises.Expect("nobody had to look", !trail.Names.Contains("attention-raised"));
        await CopyDatabaseAsync(ct);
        await restoration.RunAsync(after, ct);
    }

    /// <summary>A single file: what the write-ahead log holds is in it, and it can be read anywhere.</summary>
    private async Task CopyDatabaseAsync(CancellationToken ct)
    {
        string target = Path.Combine(KeepIn, "lms.db");
        File.Delete(target);
        await using SqliteConnection source = new(stage.Lms.ConnectionString + ";Pooling=False");
        await using SqliteConnection copy = new($"Data Source={target};Pooling=False");
        await source.OpenAsync(ct);
        await copy.OpenAsync(ct);
        source.BackupDatabase(copy);
        await using SqliteCommand command = copy.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=DELETE";
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Moves virtual time in strides of a week, and shows what happened in each.</summary>
    private async Task AdvanceAsync(DateTimeOffset target, CancellationToken ct)
    {
        DateTimeOffset now = await portal.ClockAsync(ct);
        while (now < target)
        {
            DateTimeOffset next = now + Stride < target ? now + Stride : target;
            now = await portal.MoveClockAsync(next, ct);
            await trail.ShowNewAsync(ct);
        }
    }

    private async Task ExpectPhaseAsync(string phase, CancellationToken ct)
    {
        JsonNode seen = await portal.GetAsync(Case, stage.Tokens.Agent, ct);
        promises.ExpectEqual($"the case is in phase {phase}", phase, seen["phase"]!.GetValue<string>());
    }

    private async Task<string> AccountStatusAsync(SampleCustomer customer, CancellationToken ct)
    {
        await using SqliteConnection connection = new(stage.Lms.ConnectionString + ";Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(ct);
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT group_concat(DISTINCT status) FROM accounts WHERE id % 2 = $parity";
        command.Parameters.AddWithValue("$parity", customer.OrganisationId % 2);
        return (string)(await command.ExecuteScalarAsync(ct))!;
    }

    private static DateTimeOffset Date(JsonNode seen, string name) =>
        seen["dates"]?[name]?.GetValue<DateTimeOffset>()
        ?? throw new TourException($"The case has no date \"{name}\": {seen.ToJsonString()}");

    private static readonly JsonSerializerOptions JsonLines = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
