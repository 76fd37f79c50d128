using System.Net;
using System.Text.Json.Nodes;
using Portability.Tests.EndToEnd;

namespace Portability.Tests.Http;

/// <summary>Calls that change cases, each test on a contract of its own.</summary>
public sealed partial class CallTests(ApiHouse house) : IClassFixture<ApiHouse>
{
    private static readonly JsonObject Empty = [];

    [Fact]
    public async Task Opening_SentTwiceUnderOneKey_OpensOneCase()
    {
        JsonObject opening = house.Opening("K-TWICE");

        ApiReply first = await OpenAsync(opening, Key("once"));
        ApiReply again = await OpenAsync(opening, Key("once"));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (first.Status, again.Status));
        Assert.Equal(first["id"], again["id"]);
        Assert.Equal($"/api/v1/terminations/{first["id"]}", again.Location);
    }

    [Fact]
    public async Task Opening_SentTwiceAtOnce_OpensOneCase()
    {
        JsonObject opening = house.Opening("K-RACE");
        (string, string) key = Key("race");

        ApiReply[] replies = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OpenAsync(opening, key)));

        Assert.Single(replies.Where(r => r.Status == HttpStatusCode.Created).Select(r => r["id"]).Distinct());
        Assert.All(
            replies.Where(r => r.Status != HttpStatusCode.Created),
            reply => reply.IsProblem(409, "request-in-progress")
        );
    }

    [Fact]
    public async Task Key_WithAnotherBody_Is422()
    {
        (string, string) key = Key("reused");
        await OpenAsync(house.Opening("K-REUSED"), key);

        (await OpenAsync(house.Opening("K-REUSED-2"), key)).IsProblem(422, "idempotency-key-reused");
    }

    [Fact]
    public async Task Key_OfAnotherCaller_IsAnotherKey()
    {
        (string, string) key = Key("shared");
        await OpenAsync(house.Opening("K-SHARED-1"), key);

        ApiReply other = await house.SendAsync(
            "POST",
            "terminations",
            house.Tokens.SecondAgent,
            house.Opening("K-SHARED-2"),
            key
        );

        Assert.Equal(HttpStatusCode.Created, other.Status);
    }

    [Fact]
    public async Task Key_OfARefusal_IsNotRemembered()
    {
        (string, string) key = Key("refused");
        JsonObject opening = house.Opening("K-REFUSED");
        JsonObject late = house.Opening("K-REFUSED");
        late["term"]!["endsOn"] = "2040-01-31";
        (await OpenAsync(late, key)).IsProblem(422, "late-notice");

        Assert.Equal(HttpStatusCode.Created, (await OpenAsync(opening, key)).Status);
    }

    [Fact]
    public async Task LateNotice_Accepted_WaitsForASecondPerson()
    {
        JsonObject opening = house.Opening("K-LATE-ACCEPTED");
        opening["term"]!["endsOn"] = "2040-02-10";
        opening["lateNotice"] = new JsonObject { ["mode"] = "accept", ["reason"] = "The letter lay in our post room." };
        ApiReply opened = await OpenAsync(opening, Key("late"));
        Assert.Equal((HttpStatusCode.Accepted, "pendingApproval"), (opened.Status, opened["phase"]));
        string approval = opened.Body!["pendingApprovals"]![0]!["id"]!.GetValue<string>();
        var approve = new JsonObject { ["decision"] = "approve" };
        string path = $"terminations/{opened["id"]}/approvals/{approval}";

        (await house.SendAsync("POST", path, house.Tokens.Agent, approve.DeepClone())).IsProblem(403, "own-request");
        ApiReply approved = await house.SendAsync("POST", path, house.Tokens.SecondAgent, approve);

        Assert.Equal((HttpStatusCode.OK, "underNotice"), (approved.Status, approved["phase"]));
        Assert.Equal("2040-02-10", approved.Body!["dates"]!["lastDay"]!.GetValue<string>());
    }

    [Fact]
    public async Task Expiry_ReportedByTheContractSystem_OpensACaseWithoutNotice()
    {
        JsonObject opening = house.Opening("K-EXPIRES");
        opening["notice"] = null;

        ApiReply opened = await house.SendAsync("POST", "terminations", house.Tokens.Contracts, opening);

        Assert.Equal(HttpStatusCode.Created, opened.Status);
        Assert.Null(opened.Body!["notice"]);
    }

    [Fact]
    public async Task Contact_Changed_ShowsWithTheNextVersion()
    {
        ApiReply opened = await SettledAsync("K-CONTACT");
        var contact = new JsonObject
        {
            ["name"] = "Åse",
            ["email"] = "ase@example.com",
            ["locale"] = "nb",
        };

        ApiReply changed = await house.SendAsync(
            "POST",
            $"terminations/{opened["id"]}/contact",
            house.Tokens.Agent,
            contact,
            ("If-Match", opened.ETag!)
        );

        Assert.Equal(HttpStatusCode.OK, changed.Status);
        Assert.Equal(contact.ToJsonString(), changed.Body!["contact"]!.ToJsonString());
        Assert.NotEqual(opened.ETag, changed.ETag);
    }

    [Fact]
    public async Task Withdrawal_BeforeTheTermEnds_EndsTheCase()
    {
        ApiReply opened = await SettledAsync("K-WITHDRAWN");
        var body = new JsonObject
        {
            ["receivedAt"] = Landscape.Start.UtcDateTime,
            ["channel"] = "letter",
            ["reference"] = "archive 12",
        };

        ApiReply withdrawn = await house.SendAsync(
            "POST",
            $"terminations/{opened["id"]}/withdrawal",
            house.Tokens.Agent,
            body
        );

        Assert.Equal((HttpStatusCode.OK, "withdrawn"), (withdrawn.Status, withdrawn["phase"]));

        // The chain keeps how a notice came for ever, so it is no place for free text.
        body["channel"] = "told Ann at the fair";
        ApiReply refused = await house.SendAsync(
            "POST",
            $"terminations/{opened["id"]}/withdrawal",
            house.Tokens.Agent,
            body
        );
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
    }

    [Fact]
    public async Task Hold_PlacedAndReleased_TakesTwoPeople()
    {
        string id = (await SettledAsync("K-HOLD"))["id"]!;
        var hold = new JsonObject { ["reason"] = "Dispute over an invoice", ["legalBasis"] = "Court order 7/40" };

        ApiReply placed = await house.SendAsync("POST", $"terminations/{id}/holds", house.Tokens.Officer, hold);
        Assert.Equal(HttpStatusCode.Created, placed.Status);
        Assert.True(placed.Body!["onHold"]!.GetValue<bool>());
        JsonNode shown = placed.Body["holds"]![0]!;
        Assert.Equal("Court order 7/40", shown["legalBasis"]!.GetValue<string>());

        ApiReply asked = await house.SendAsync(
            "POST",
            $"terminations/{id}/holds/{shown["id"]}/release",
            house.Tokens.Officer,
            new JsonObject { ["reason"] = "Settled" }
        );
        Assert.Equal(HttpStatusCode.Accepted, asked.Status);
        ApiReply released = await house.SendAsync(
            "POST",
            $"terminations/{id}/approvals/{asked.Body!["pendingApprovals"]![0]!["id"]}",
            house.Tokens.Agent,
            new JsonObject { ["decision"] = "approve", ["reason"] = "Seen the settlement" }
        );
        Assert.False(released.Body!["onHold"]!.GetValue<bool>());
    }

    [Fact]
    public async Task CustomerLink_OpensItsOwnCaseUntilItIsRevoked()
    {
        string own = (await SettledAsync("K-LINK"))["id"]!;
        ApiReply issued = await house.SendAsync(
            "POST",
            $"terminations/{own}/customer-links",
            house.Tokens.Agent,
            Empty.DeepClone(),
            Key("link")
        );
        Assert.Equal(HttpStatusCode.Created, issued.Status);
        string token = new Uri(issued["url"]!).Fragment[1..];

        ApiReply seen = await house.SendAsync("GET", $"terminations/{own}", token);
        Assert.Equal((HttpStatusCode.OK, own), (seen.Status, seen["id"]));
        Assert.Empty(seen.Body!["customerLinks"]!.AsArray());
        (await house.SendAsync("GET", $"terminations/{house.CaseId}", token)).IsProblem(404, "unknown-case");
        (await house.SendAsync("POST", $"terminations/{house.CaseId}/exports", token, Empty.DeepClone())).IsProblem(
            404,
            "unknown-case"
        );
        (await house.SendAsync("GET", $"terminations/{own}/events", token)).IsProblem(403, "wrong-role");
        (await house.SendAsync("GET", "terminations", token)).IsProblem(403, "wrong-role");

        string revoke = $"terminations/{own}/customer-links/{issued["id"]}/revoke";
        Assert.Equal(
            HttpStatusCode.OK,
            (await house.SendAsync("POST", revoke, house.Tokens.Agent, Empty.DeepClone())).Status
        );
        (await house.SendAsync("GET", $"terminations/{own}", token)).IsProblem(401, "invalid-token");
    }

    [Fact]
    public async Task CustomerLink_IssuedTwiceUnderOneKey_IsTheSameLink()
    {
        string id = (await SettledAsync("K-LINK-TWICE"))["id"]!;
        string path = $"terminations/{id}/customer-links";

        ApiReply first = await house.SendAsync("POST", path, house.Tokens.Agent, Empty.DeepClone(), Key("same"));
        ApiReply again = await house.SendAsync("POST", path, house.Tokens.Agent, Empty.DeepClone(), Key("same"));

        Assert.Equal(first["url"], again["url"]);
    }

    [Fact]
    public async Task Export_AskedFor_IsFollowedToItsLinks()
    {
        string id = (await SettledAsync("K-EXPORT"))["id"]!;
        ApiReply asked = await house.SendAsync(
            "POST",
            $"terminations/{id}/exports",
            house.Tokens.Agent,
            new JsonObject { ["formats"] = new JsonArray("csv") },
            Key("export")
        );
        Assert.Equal((HttpStatusCode.Accepted, "1"), (asked.Status, asked["number"]));
        Assert.Equal($"/api/v1/terminations/{id}/exports/1", asked.Location);

        ApiReply export = await ReadyAsync(id);
        Assert.All(export.Body!["files"]!.AsArray(), file => Assert.Equal("done", file!["state"]!.GetValue<string>()));
        Assert.NotEmpty(export.Body["datasets"]!.AsArray());

        ApiReply again = await house.SendAsync(
            "POST",
            $"terminations/{id}/exports",
            house.Tokens.Agent,
            new JsonObject { ["formats"] = new JsonArray("csv") },
            Key("export")
        );
        Assert.Equal((HttpStatusCode.Accepted, "1"), (again.Status, again["number"]));

        await LinksAsync(id);
        await ConfirmAsync(id, export["manifestSha256"]!);
    }

    [Fact]
    public async Task List_PageByPage_ShowsEveryCaseOnce()
    {
        foreach (int n in Enumerable.Range(1, 3))
        {
            await OpenAsync(house.Opening($"K-PAGE-{n}"), Key($"page-{n}"));
        }
        ApiReply whole = await house.SendAsync("GET", "terminations?limit=200", house.Tokens.Officer);
        List<string> all = Ids(whole);

        List<string> paged = [];
        string cursor = "";
        do
        {
            ApiReply page = await house.SendAsync("GET", $"terminations?limit=2{cursor}", house.Tokens.Officer);
            paged.AddRange(Ids(page));
            cursor = page["cursor"] is { } next ? $"&cursor={Uri.EscapeDataString(next)}" : "";
        } while (cursor.Length > 0);

        // Other tests of this class open no case meanwhile: they run one after the other.
        Assert.Equal(all, paged);
        Assert.Empty(Ids(await house.SendAsync("GET", "terminations?phase=closed", house.Tokens.Officer)));
    }

    [Fact]
    public async Task Events_PageByPage_ChainWithoutAGap()
    {
        List<JsonNode> events = [];
        string cursor = "";
        do
        {
            ApiReply page = await house.SendAsync(
                "GET",
                $"terminations/{house.CaseId}/events?limit=1{cursor}",
                house.Tokens.Officer
            );
            events.AddRange(page.Body!["items"]!.AsArray().Select(item => item!));
            cursor = page["cursor"] is { } next ? $"&cursor={next}" : "";
        } while (cursor.Length > 0);

        Assert.True(events.Count >= 2);
        Assert.Equal("termination-opened.v1", events[0]["name"]!.GetValue<string>());
        Assert.All(
            events.Zip(events.Skip(1)),
            pair =>
                Assert.Equal(pair.First["hash"]!.GetValue<string>(), pair.Second["previousHash"]!.GetValue<string>())
        );
    }

    [Fact]
    public async Task Health_NeedsNoTokenAndNamesNothing()
    {
        ApiReply health = await house.SendAsync("GET", "health", token: null);

        Assert.Equal(HttpStatusCode.OK, health.Status);
        Assert.Equal(
            """{"status":"ok","store":"ok","engine":"ok","sources":"ok","dataMap":"fits"}""",
            health.Body!.ToJsonString()
        );
    }

    private async Task LinksAsync(string id)
    {
        string path = $"terminations/{id}/exports/1/links";
        ApiReply all = await house.SendAsync("POST", path, house.Tokens.Agent, Empty.DeepClone());
        Assert.Equal(HttpStatusCode.OK, all.Status);
        string[] files = [.. all.Body!.AsArray().Select(link => link!["file"]!.GetValue<string>())];
        Assert.Contains("manifest.json", files);
        Assert.Contains("SHA256SUMS", files);

        ApiReply one = await house.SendAsync(
            "POST",
            path,
            house.Tokens.Agent,
            new JsonObject { ["files"] = new JsonArray("SHA256SUMS") }
        );
        Assert.Single(one.Body!.AsArray());
        (
            await house.SendAsync(
                "POST",
                path,
                house.Tokens.Agent,
                new JsonObject { ["files"] = new JsonArray("../../other/1/plan.json") }
            )
        ).IsProblem(422, "unknown-files");
    }

    private async Task ConfirmAsync(string id, string manifestSha256)
    {
        string path = $"terminations/{id}/confirmation";
        (await house.SendAsync("POST", path, house.Tokens.Agent, Confirmation(new string('0', 64)))).IsProblem(
            422,
            "wrong-manifest-hash"
        );

        ApiReply confirmed = await house.SendAsync("POST", path, house.Tokens.Agent, Confirmation(manifestSha256));
        Assert.Equal(
            (HttpStatusCode.OK, "1"),
            (confirmed.Status, confirmed.Body!["confirmation"]?["export"]?.ToString())
        );
        ApiReply revoked = await house.SendAsync("POST", $"{path}/revoke", house.Tokens.Agent, Empty.DeepClone());
        Assert.Null(revoked.Body!["confirmation"]);
    }

    private static JsonObject Confirmation(string hash) => new() { ["export"] = 1, ["manifestSha256"] = hash };

    private async Task<ApiReply> ReadyAsync(string id)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        while (true)
        {
            ApiReply export = await house.SendAsync("GET", $"terminations/{id}/exports/1", house.Tokens.Officer);
            if (export["status"] != "running")
            {
                Assert.Equal("ready", export["status"]);
                return export;
            }
            Assert.False(patience.IsCancellationRequested, export.Body!.ToJsonString());
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>A new case after everything that its opening set off.</summary>
    private async Task<ApiReply> SettledAsync(string contractId)
    {
        ApiReply opened = await OpenAsync(house.Opening(contractId), Key(contractId));
        Assert.Equal(HttpStatusCode.Created, opened.Status);
        DateTimeOffset now = await house.Land.Portal.ClockAsync(CancellationToken.None);
        await house.Land.Portal.MoveClockAsync(now.AddMinutes(1), CancellationToken.None);
        return await house.SendAsync("GET", $"terminations/{opened["id"]}", house.Tokens.Agent);
    }

    private Task<ApiReply> OpenAsync(JsonObject opening, (string, string) key) =>
        house.SendAsync("POST", "terminations", house.Tokens.Agent, opening, key);

    private static (string Name, string Value) Key(string value) => ("Idempotency-Key", $"test-{value}");

    private static List<string> Ids(ApiReply page) =>
        [.. page.Body!["items"]!.AsArray().Select(item => item!["id"]!.GetValue<string>())];
}
