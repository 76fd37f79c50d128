using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Local.Tests.Functions;

public sealed class ClockEndpointTests : IAsyncLifetime
{
    private FunctionsHost _host = null!;

    public async Task InitializeAsync() => _host = await FunctionsHost.StartAsync(typeof(ScopedLessFunctions));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Clock_AtFirst_ShowsTheRealTime()
    {
        JsonElement clock = await _host.Http.GetFromJsonAsync<JsonElement>("/local/clock");

        TimeSpan ahead = clock.GetProperty("now").GetDateTimeOffset() - TimeProvider.System.GetUtcNow();
        Assert.InRange(ahead, TimeSpan.FromSeconds(-5), TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("P30D", 30)]
    [InlineData("PT36H", 1.5)]
    [InlineData("P1WT1H30M", 7.0625)]
    public async Task Clock_Advanced_IsThatFarAhead(string duration, double days)
    {
        DateTimeOffset before = _host.Clock.GetUtcNow();

        using HttpResponseMessage response = await _host.Http.PostAsJsonAsync(
            "/local/clock",
            new { advance = duration }
        );

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        JsonElement clock = await response.Content.ReadFromJsonAsync<JsonElement>();
        TimeSpan moved = clock.GetProperty("now").GetDateTimeOffset() - before;
        Assert.InRange(moved - TimeSpan.FromDays(days), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Clock_MovedToAnInstant_IsThere()
    {
        using HttpResponseMessage response = await _host.Http.PostAsJsonAsync(
            "/local/clock",
            new { to = "2127-04-01T02:00:00+02:00" }
        );

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var there = new DateTimeOffset(2127, 4, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.InRange(_host.Clock.GetUtcNow() - there, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"advance":30}""")]
    [InlineData("""{"advance":"30 days"}""")]
    [InlineData("""{"advance":"P9999Y"}""")]
    [InlineData("""{"to":"2027-04-01"}""")]
    [InlineData("""{"to":"2027-04-01T00:00:00"}""")]
    [InlineData("""{"to":"2001-01-01T00:00:00Z"}""")]
    [InlineData("""{"to":"2127-04-01T00:00:00Z","advance":"P1D"}""")]
    public async Task Clock_MovedByNonsense_StaysAndSaysWhy(string body)
    {
        using HttpResponseMessage response = await _host.Http.PostAsync(
            "/local/clock",
            new StringContent(body, Encoding.UTF8, "application/json")
        );

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.True(_host.Clock.Offset < TimeSpan.FromSeconds(1));
    }
}
