using System.Net;
using Portability.Exports;
using Portability.Storage;

namespace Portability.Tests.Exports;

[Collection(ExportTests.Name)]
public sealed class ExportLinksTests(ExportHouse house)
{
    [Fact]
    public async Task Link_ToAFile_ReadsItUnderItsNameAndNothingElse()
    {
        var export = await FinishedAsync();

        var link = (
            await house.Links().MintAsync(export, ["csv/items.csv"], house.Clock.GetUtcNow().AddDays(9), default)
        ).Single();

        using var http = new HttpClient();
        using var answer = await http.GetAsync(link.Url);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(link.Size, (await answer.Content.ReadAsByteArrayAsync()).Length);
        Assert.Equal("items.csv", answer.Content.Headers.ContentDisposition?.FileNameStar);
        Assert.DoesNotContain("st=", link.Url.Query, StringComparison.Ordinal);
        Assert.Contains("sp=r&", link.Url.Query + "&", StringComparison.Ordinal);
        Assert.InRange(
            link.ExpiresAt - TimeProvider.System.GetUtcNow(),
            TimeSpan.FromMinutes(59),
            TimeSpan.FromMinutes(60)
        );
        foreach (var method in new[] { HttpMethod.Put, HttpMethod.Delete })
        {
            using var request = new HttpRequestMessage(method, link.Url) { Content = new StringContent("x") };
            request.Headers.Add("x-ms-blob-type", "BlockBlob");
            using var refusal = await http.SendAsync(request);
            Assert.Equal(HttpStatusCode.Forbidden, refusal.StatusCode);
        }

        var other = new UriBuilder(link.Url)
        {
            Path = link.Url.AbsolutePath.Replace("items.csv", "notes.csv", StringComparison.Ordinal),
        };
        using var foreign = await http.GetAsync(other.Uri);
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
    }

    [Fact]
    public async Task Link_OfARange_ResumesADownload()
    {
        var export = await FinishedAsync();
        var link = (
            await house.Links().MintAsync(export, ["manifest.json"], house.Clock.GetUtcNow().AddDays(9), default)
        ).Single();
        using var http = new HttpClient();
        var whole = await http.GetByteArrayAsync(link.Url);
        using var request = new HttpRequestMessage(HttpMethod.Get, link.Url);
        request.Headers.Range = new(100, null);

        using var rest = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.PartialContent, rest.StatusCode);
        Assert.Equal(whole[100..], await rest.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Links_NearTheEnd_DoNotOutliveIt()
    {
        var export = await FinishedAsync();

        var links = await house.Links().MintAsync(export, null, house.Clock.GetUtcNow().AddMinutes(5), default);

        Assert.All(links, link => Assert.True(link.ExpiresAt <= TimeProvider.System.GetUtcNow().AddMinutes(5)));
        await Assert.ThrowsAsync<ExportGoneException>(() =>
            house.Links().MintAsync(export, null, house.Clock.GetUtcNow(), default)
        );
    }

    [Fact]
    public async Task Link_ThatHasExpired_IsRefusedByTheStorage()
    {
        var export = await FinishedAsync();
        var twoHoursAgo = new FixedClock(TimeProvider.System.GetUtcNow().AddHours(-2));
        var links = new ExportLinks(house.Store(), house.Clock, twoHoursAgo);

        var link = (
            await links.MintAsync(export, ["csv/items.csv"], house.Clock.GetUtcNow().AddDays(9), default)
        ).Single();

        using var http = new HttpClient();
        using var answer = await http.GetAsync(link.Url);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task Links_OfAFinishedExport_CoverEveryFileOfIt()
    {
        var export = await FinishedAsync();

        var links = await house.Links().MintAsync(export, null, house.Clock.GetUtcNow().AddDays(9), default);

        var files = links.Select(link => link.File).ToList();
        Assert.Contains("manifest.json", files);
        Assert.Contains("SHA256SUMS", files);
        Assert.Contains("README.txt", files);
        Assert.DoesNotContain("plan.json", files);
        Assert.Equal(files.Count, files.Distinct().Count());
    }

    [Theory]
    [InlineData("plan.json")]
    [InlineData("../plan.json")]
    [InlineData("csv/none.csv")]
    public async Task Link_ToAFileThatTheManifestDoesNotName_IsRefused(string file)
    {
        var export = await FinishedAsync();

        var refusal = await Assert.ThrowsAsync<ExportFileUnknownException>(() =>
            house.Links().MintAsync(export, [file], house.Clock.GetUtcNow().AddDays(9), default)
        );

        Assert.Equal(file, refusal.File);
    }

    [Fact]
    public async Task Links_BeforeCompletionAndAfterErasure_AreRefused()
    {
        var source = HostileSource.Create(house);
        var order = source.Order(ExportFormats.Csv);
        var export = new ExportRef(order.CaseId, 1);
        await using var exporter = source.Exporter();
        await ExportHouse.WriteAllAsync(exporter, await exporter.PlanAsync(order, default));
        var later = house.Clock.GetUtcNow().AddDays(9);

        await Assert.ThrowsAsync<ExportNotReadyException>(() => house.Links().MintAsync(export, null, later, default));
        await exporter.CompleteAsync(export, default);
        var link = (await house.Links().MintAsync(export, ["csv/items.csv"], later, default)).Single();
        await exporter.EraseAsync(export, default);
        await Assert.ThrowsAsync<ExportGoneException>(() => house.Links().MintAsync(export, null, later, default));

        using var http = new HttpClient();
        using var answer = await http.GetAsync(link.Url);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private async Task<ExportRef> FinishedAsync()
    {
        var source = HostileSource.Create(house);
        var order = source.Order(ExportFormats.Csv);
        await using var exporter = source.Exporter();
        await ExportHouse.WriteAllAsync(exporter, await exporter.PlanAsync(order, default));
        await exporter.CompleteAsync(new(order.CaseId, 1), default);
        return new(order.CaseId, 1);
    }

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
