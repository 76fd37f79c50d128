using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Local.Tests.Functions;

public sealed class HttpTriggerTests : IAsyncLifetime
{
    private FunctionsHost _host = null!;

    public async Task InitializeAsync() =>
        _host = await FunctionsHost.StartAsync(
            FunctionsHost.Builder(
                FunctionsHost.NewFolder(),
                [typeof(HttpFunctions)],
                "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT=1000"
            )
        );

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task RouteParameters_OfSeveralTypes_AreConverted()
    {
        JsonElement answer = await _host.Http.GetFromJsonAsync<JsonElement>(
            "/route/42/2026-02-28/0f8fad5b-d9cb-469f-a165-70867728950e"
        );

        Assert.Equal(42, answer.GetProperty("id").GetInt32());
        Assert.Equal("2026-02-28", answer.GetProperty("day").GetString());
        Assert.Equal("0f8fad5b-d9cb-469f-a165-70867728950e", answer.GetProperty("key").GetString());
        Assert.Equal("42", answer.GetProperty("bound").GetString());
        Assert.True(answer.GetProperty("cancellable").GetBoolean());
    }

    [Fact]
    public async Task RouteParameter_LeftOut_IsNull()
    {
        JsonElement answer = await _host.Http.GetFromJsonAsync<JsonElement>("/route/42/2026-02-28");

        Assert.Equal(JsonValueKind.Null, answer.GetProperty("key").ValueKind);
    }

    [Theory]
    [InlineData("GET", "/nowhere", HttpStatusCode.NotFound)]
    [InlineData("GET", "/route/no-number/2026-02-28", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "/orders", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/route/1/no-day", HttpStatusCode.InternalServerError)]
    public async Task Request_ThatFitsNoFunction_GetsItsStatus(string method, string path, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using HttpResponseMessage response = await _host.Http.SendAsync(request);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Body_OfJson_IsBoundAndResultWritten()
    {
        using HttpResponseMessage response = await _host.Http.PostAsJsonAsync("/orders", new Order("book", 1));

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("""{"item":"book","count":2}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task RequestData_WithBodyQueryHeaderAndCookie_AnswersByResponseData()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/data?q=a%20b");
        request.Headers.Add("X-Agent", "tests");
        request.Headers.Add("Cookie", "session=42");
        request.Content = new StringContent("""{"ITEM":"book","count":3}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("a b", response.Headers.GetValues("X-Query").Single());
        Assert.Equal("tests", response.Headers.GetValues("X-Agent").Single());
        Assert.StartsWith("seen=42", response.Headers.GetValues("Set-Cookie").Single(), StringComparison.Ordinal);
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("""{"Item":"book","Count":3}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task ResponseData_WithoutBody_SendsItsStatus()
    {
        using HttpResponseMessage response = await _host.Http.DeleteAsync("/data");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [Fact]
    public async Task Function_WithoutRouteAndMethods_AnswersUnderItsNameToAll()
    {
        using HttpResponseMessage response = await _host.Http.PatchAsync("/Poco", content: null);

        Order? order = await response.Content.ReadFromJsonAsync<Order>();
        Assert.Equal(new Order("PATCH", _host.Clock.GetUtcNow().Year), order);
    }

    [Fact]
    public async Task Function_ThatWritesByItself_IsLeftAlone() =>
        Assert.Equal("written by hand", await _host.Http.GetStringAsync("/Written"));

    [Fact]
    public async Task HttpResult_OnAProperty_IsTheAnswer()
    {
        using HttpResponseMessage response = await _host.Http.GetAsync("/Multiple");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Fact]
    public async Task Function_ThatFails_SaysNothingOfWhy()
    {
        using HttpResponseMessage response = await _host.Http.GetAsync("/Fault");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(1000, HttpStatusCode.OK)]
    [InlineData(1001, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Body_AtTheLimit_IsReadAndBeyondRefused(int size, HttpStatusCode expected)
    {
        using HttpResponseMessage response = await _host.Http.PostAsync(
            "/Upload",
            new ByteArrayContent(new byte[size])
        );

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task RoutePrefix_OfHostJson_ComesBeforeEveryRoute()
    {
        await using FunctionsHost host = await FunctionsHost.StartAsync(
            FunctionsHost.Builder(
                FunctionsHost.NewFolder(),
                [typeof(HttpFunctions)],
                "AzureFunctionsJobHost:extensions:http:routePrefix=/base/v1/"
            )
        );

        Assert.Equal("written by hand", await host.Http.GetStringAsync("/base/v1/Written"));
        using HttpResponseMessage bare = await host.Http.GetAsync("/Written");
        Assert.Equal(HttpStatusCode.NotFound, bare.StatusCode);
    }

    [Fact]
    public async Task Function_BeyondFunctionTimeout_SeesItsTokenCancelled()
    {
        await using FunctionsHost host = await FunctionsHost.StartAsync(
            FunctionsHost.Builder(
                FunctionsHost.NewFolder(),
                [typeof(HttpFunctions)],
                "AzureFunctionsJobHost:functionTimeout=00:00:00.2"
            )
        );

        using HttpResponseMessage response = await host.Http.GetAsync("/Endless");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
    }
}
