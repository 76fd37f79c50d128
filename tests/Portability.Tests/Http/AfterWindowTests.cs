using System.Net;
using System.Text.Json.Nodes;
using Portability.Tests.EndToEnd;

namespace Portability.Tests.Http;

/// <summary>What the calls answer as time passes: the window closes, erasure runs, the certificate is there.</summary>
public sealed class AfterWindowTests(ApiHouse house) : IClassFixture<ApiHouse>
{
    private string Case => $"terminations/{house.CaseId}";

    [Fact]
    public async Task Case_PastItsWindow_RefusesWhatCameTooLateAndEndsWithACertificate()
    {
        ApiReply opened = await house.SendAsync("GET", Case, house.Tokens.Agent);
        DateTimeOffset closes = opened.Body!["dates"]!["windowCloses"]!.GetValue<DateTimeOffset>();

        await MoveAsync(closes.AddDays(1));
        await ExportComesTooLateAsync(closes);
        await ExportReceivedInTimeAsync(closes);
        await MoveAsync(closes.AddDays(40));
        await NothingMoreCanBeAskedAsync();
        await CertificateIsThereAsync();
    }

    private async Task ExportComesTooLateAsync(DateTimeOffset closes)
    {
        ApiReply late = await ExportAsync([]);

        late.IsProblem(422, "export-window-closed");
        Assert.Equal(closes.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"), late["windowCloses"]);
    }

    private async Task ExportReceivedInTimeAsync(DateTimeOffset closes)
    {
        ApiReply inTime = await ExportAsync(new JsonObject { ["receivedAt"] = closes.AddHours(-1).UtcDateTime });

        Assert.Equal(HttpStatusCode.Accepted, inTime.Status);
        await MoveAsync(closes.AddDays(2));
        ApiReply export = await house.SendAsync("GET", $"{Case}/exports/1", house.Tokens.Officer);
        Assert.Equal("ready", export["status"]);
    }

    private async Task NothingMoreCanBeAskedAsync()
    {
        ApiReply closed = await house.SendAsync("GET", Case, house.Tokens.Agent);
        Assert.Equal("closed", closed["phase"]);
        (await ExportAsync([])).IsProblem(409, "case-ended");
        (await house.SendAsync("POST", $"{Case}/exports/1/links", house.Tokens.Agent, new JsonObject())).IsProblem(
            410,
            "export-gone"
        );
        (
            await house.SendAsync(
                "POST",
                $"{Case}/reinstatement",
                house.Tokens.Agent,
                new JsonObject { ["reason"] = "won back" }
            )
        ).IsProblem(409, "case-ended");
    }

    private async Task CertificateIsThereAsync()
    {
        ApiReply list = await house.SendAsync("GET", $"{Case}/certificates", house.Tokens.Agent);
        JsonNode first = list.Body!["items"]![0]!;
        ApiReply certificate = await house.SendAsync(
            "GET",
            $"{Case}/certificates/{first["number"]}.json",
            house.Tokens.Officer
        );

        Assert.Equal(HttpStatusCode.OK, certificate.Status);
        Assert.Equal(house.CaseId, certificate["caseId"]);
    }

    private Task<ApiReply> ExportAsync(JsonObject body) =>
        house.SendAsync("POST", $"{Case}/exports", house.Tokens.Agent, body);

    private Task MoveAsync(DateTimeOffset to) => house.Land.Portal.MoveClockAsync(to, CancellationToken.None);
}
