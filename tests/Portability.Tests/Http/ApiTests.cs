using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Portability.Demo;
using Portability.Tests.EndToEnd;

namespace Portability.Tests.Http;

/// <summary>The running app, with one open case that no test here changes.</summary>
public sealed class ApiHouse : IAsyncLifetime, IDisposable
{
    private HttpClient http = null!;
    private Landscape land = null!;

    internal Landscape Land => land;

    internal AppTokens Tokens => land.Tokens;

    /// <summary>The open case.</summary>
    public string CaseId { get; private set; } = "";

    public async Task InitializeAsync()
    {
        land = await Landscape.SetUpAsync(rows: 5000);
        http = new HttpClient { BaseAddress = land.App.Address };
        CaseId = await land.OpenAsync();
        // What the opening sets off is done: from here on only requests change anything.
        await land.Portal.MoveClockAsync(Landscape.Start.AddHours(1), CancellationToken.None);
    }

    public async Task DisposeAsync() => await land.DisposeAsync();

    public void Dispose() => http.Dispose();

    /// <summary>Sends a request, a text body as it is, and holds the answer against docs/openapi.yaml.</summary>
    internal async Task<ApiReply> SendAsync(
        string method,
        string path,
        string? token,
        object? body = null,
        params (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"api/v1/{path}");
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        if (body is not null)
        {
            string text = body as string ?? ((JsonNode)body).ToJsonString();
            request.Content = new StringContent(text, Encoding.UTF8, "application/json");
        }
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        using HttpResponseMessage response = await http.SendAsync(request);
        string content = await response.Content.ReadAsStringAsync();
        string? contentType = response.Content.Headers.ContentType?.MediaType;
        JsonNode? json = content.Length == 0 ? null : JsonNode.Parse(content);
        OpenApi.Describes(method, path, (int)response.StatusCode, contentType, json);
        return new ApiReply(
            response.StatusCode,
            contentType,
            json,
            response.Headers.ETag?.Tag,
            response.Headers.Location?.OriginalString,
            response.Headers.WwwAuthenticate.ToString(),
            string.Join(", ", response.Content.Headers.Allow)
        );
    }

    /// <summary>An opening for a contract of its own.</summary>
    public JsonObject Opening(string contractId)
    {
        JsonObject opening = land.Opening();
        opening["contractId"] = contractId;
        return opening;
    }
}

internal sealed record ApiReply(
    HttpStatusCode Status,
    string? ContentType,
    JsonNode? Body,
    string? ETag,
    string? Location,
    string Challenge,
    string Allow
)
{
    public string? this[string name] => Body?[name]?.ToString();

    /// <summary>Holds the answer against a documented problem.</summary>
    public void IsProblem(int status, string slug)
    {
        Assert.Equal((status, $"/problems/{slug}"), ((int)Status, this["type"]));
        Assert.Equal("application/problem+json", ContentType);
        Assert.Equal(status, Body!["status"]!.GetValue<int>());
        Assert.All(["title", "detail", "next"], name => Assert.False(string.IsNullOrEmpty(this[name])));
    }
}

public sealed class RefusalTests(ApiHouse house) : IClassFixture<ApiHouse>, IAsyncLifetime
{
    private string before = "";

    // Whatever is refused here changes nothing: the case and the list are the same before and after each test.
    public async Task InitializeAsync() => before = await StateAsync();

    public async Task DisposeAsync() => Assert.Equal(before, await StateAsync());

    [Fact]
    public async Task Token_Missing_Is401WithAChallenge()
    {
        ApiReply reply = await house.SendAsync("GET", "terminations", token: null);

        reply.IsProblem(401, "no-token");
        Assert.Contains("Bearer", reply.Challenge, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_Unknown_Is401() =>
        (await house.SendAsync("GET", "terminations", "nobody's")).IsProblem(401, "invalid-token");

    [Fact]
    public async Task Role_ThatMayNot_Is403() =>
        (await house.SendAsync("POST", Case("exports"), house.Tokens.Contracts, new JsonObject())).IsProblem(
            403,
            "wrong-role"
        );

    [Theory]
    [InlineData("11111111-1111-5111-8111-111111111111")]
    [InlineData("no%20such%20case")]
    [InlineData("..%2F..%2Fetc")]
    public async Task Case_Unknown_Is404(string id) =>
        (await house.SendAsync("GET", $"terminations/{id}", house.Tokens.Agent)).IsProblem(404, "unknown-case");

    [Fact]
    public async Task Command_OnAnUnknownCase_Is404()
    {
        var body = new JsonObject { ["reason"] = "won back" };

        ApiReply reply = await house.SendAsync(
            "POST",
            "terminations/11111111-1111-5111-8111-111111111111/reinstatement",
            house.Tokens.Agent,
            body
        );

        reply.IsProblem(404, "unknown-case");
    }

    [Theory]
    [InlineData("GET", "nothing/here")]
    [InlineData("POST", "terminations/1/holds/2/release/3")]
    public async Task Call_Unknown_IsAProblem(string method, string path) =>
        (await house.SendAsync(method, path, house.Tokens.Agent)).IsProblem(404, "unknown-call");

    [Theory]
    [InlineData("DELETE", "terminations", "GET, POST")]
    [InlineData("GET", "terminations/1/holds/2/release", "POST")]
    [InlineData("PUT", "terminations/1", "GET")]
    public async Task Call_ByAWrongMethod_Is405AndNamesTheRightOnes(string method, string path, string allowed)
    {
        ApiReply reply = await house.SendAsync(method, path, house.Tokens.Agent);

        reply.IsProblem(405, "wrong-method");
        Assert.Equal(allowed, reply.Allow);
    }

    [Fact]
    public async Task Json_Malformed_Is400WithThePlace()
    {
        ApiReply reply = await house.SendAsync("POST", "terminations", house.Tokens.Agent, "{\n  \"contractId\":");

        reply.IsProblem(400, "malformed-json");
        Assert.Equal("2", reply["line"]);
    }

    [Fact]
    public async Task Json_OfAnotherShape_Is400WithEveryFault()
    {
        JsonObject opening = house.Opening("K-SHAPE");
        opening["term"]!["endsOn"] = "soon";
        opening["notice"]!["kind"] = "Cause";
        opening["surprise"] = 1;
        opening.Remove("customerId");

        ApiReply reply = await house.SendAsync("POST", "terminations", house.Tokens.Agent, opening);

        reply.IsProblem(400, "invalid-request");
        Assert.Equal(
            ["customerId", "notice.kind", "surprise", "term.endsOn"],
            reply.Body!["errors"]!.AsObject().Select(error => error.Key).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Body_TooLarge_Is413() =>
        (
            await house.SendAsync(
                "POST",
                "terminations",
                house.Tokens.Agent,
                $"{{\"a\":\"{new string('x', 70_000)}\"}}"
            )
        ).IsProblem(413, "body-too-large");

    [Fact]
    public async Task Notice_TooLate_Is422WithTheDates()
    {
        JsonObject opening = house.Opening("K-LATE");
        opening["term"]!["endsOn"] = "2040-01-31";

        ApiReply reply = await house.SendAsync("POST", "terminations", house.Tokens.Agent, opening);

        reply.IsProblem(422, "late-notice");
        Assert.Equal(("2040-01-01", "2041-01-31"), (reply["lastDayForNotice"], reply["nextTermEnd"]));
    }

    [Fact]
    public async Task Notice_Missing_Is403ForAnAgent()
    {
        JsonObject opening = house.Opening("K-EXPIRY");
        opening["notice"] = null;

        ApiReply reply = await house.SendAsync("POST", "terminations", house.Tokens.Agent, opening);

        reply.IsProblem(403, "expiry-by-contract-system");
    }

    [Fact]
    public async Task Case_SecondForTheContract_Is409() =>
        (await house.SendAsync("POST", "terminations", house.Tokens.Agent, house.Land.Opening())).IsProblem(
            409,
            "contract-has-open-case"
        );

    [Fact]
    public async Task Version_Stale_Is412WithTheCurrentOne()
    {
        var body = new JsonObject
        {
            ["name"] = "Ann",
            ["email"] = "ann@example.com",
            ["locale"] = "en",
        };

        ApiReply reply = await house.SendAsync(
            "POST",
            Case("contact"),
            house.Tokens.Agent,
            body,
            ("If-Match", "\"1\"")
        );

        reply.IsProblem(412, "stale-version");
        Assert.Equal((await house.SendAsync("GET", Case(), house.Tokens.Agent)).ETag, reply.ETag);
    }

    [Theory]
    [InlineData("If-Match", "W/\"2\"")]
    [InlineData("If-Match", "2")]
    [InlineData("Idempotency-Key", "two words")]
    public async Task Header_Malformed_Is400(string name, string value)
    {
        ApiReply reply = await house.SendAsync(
            "POST",
            Case("exports"),
            house.Tokens.Agent,
            new JsonObject(),
            (name, value)
        );

        reply.IsProblem(400, "invalid-request");
        Assert.NotNull(reply.Body!["errors"]![name]);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=201")]
    [InlineData("limit=ten")]
    [InlineData("cursor=made-up")]
    [InlineData("phase=Erasing")]
    [InlineData("attention=yes")]
    [InlineData("colour=red")]
    [InlineData("customerId=")]
    public async Task Query_Malformed_Is400(string query) =>
        (await house.SendAsync("GET", $"terminations?{query}", house.Tokens.Agent)).IsProblem(400, "invalid-request");

    [Theory]
    [InlineData("categories", "secrets", "unknown-categories")]
    [InlineData("formats", "stone", "unknown-formats")]
    public async Task Export_OfWhatDoesNotExist_Is422(string member, string value, string slug)
    {
        var body = new JsonObject { [member] = new JsonArray(value) };

        ApiReply reply = await house.SendAsync("POST", Case("exports"), house.Tokens.Agent, body);

        reply.IsProblem(422, slug);
    }

    [Theory]
    [InlineData("GET", "exports/1", "unknown-export")]
    [InlineData("GET", "exports/x", "unknown-export")]
    [InlineData("POST", "exports/1/links", "unknown-export")]
    [InlineData("POST", "exports/99999999999/cancel", "unknown-export")]
    [InlineData("GET", "certificates", "unknown-certificate")]
    [InlineData("GET", "certificates/1.json", "unknown-certificate")]
    [InlineData("GET", "certificates/x", "unknown-certificate")]
    [InlineData("POST", "customer-links/none/revoke", "unknown-customer-link")]
    public async Task Part_Unknown_Is404(string method, string path, string slug) =>
        (
            await house.SendAsync(method, Case(path), house.Tokens.Agent, method == "POST" ? new JsonObject() : null)
        ).IsProblem(404, slug);

    [Fact]
    public async Task Confirmation_OfAnExportThatIsNot_Is404()
    {
        var body = new JsonObject { ["export"] = 1, ["manifestSha256"] = new string('0', 64) };

        (await house.SendAsync("POST", Case("confirmation"), house.Tokens.Agent, body)).IsProblem(
            404,
            "unknown-export"
        );
    }

    [Fact]
    public async Task Reinstatement_BeforeTheTermEnds_Is409() =>
        (
            await house.SendAsync(
                "POST",
                Case("reinstatement"),
                house.Tokens.Agent,
                new JsonObject { ["reason"] = "won back" }
            )
        ).IsProblem(409, "term-runs");

    private string Case(string part = "") => $"terminations/{house.CaseId}{(part.Length == 0 ? "" : "/" + part)}";

    private async Task<string> StateAsync()
    {
        ApiReply list = await house.SendAsync("GET", "terminations", house.Tokens.Agent);
        ApiReply events = await house.SendAsync("GET", Case("events?limit=200"), house.Tokens.Officer);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (list.Status, events.Status));
        return list.Body!.ToJsonString() + events.Body!.ToJsonString();
    }
}
