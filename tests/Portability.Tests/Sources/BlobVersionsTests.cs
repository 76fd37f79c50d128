using System.Net;
using System.Text;
using System.Web;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Portability.Sources;

namespace Portability.Tests.Sources;

/// <summary>
/// Versions of blobs. Azurite keeps none, so the account's answers are written here after the service's documentation; a real
/// account has not been tried.
/// </summary>
public sealed class BlobVersionsTests : IDisposable
{
    private const string Name = "customers/1/a.txt";
    private readonly Account account = new();
    private readonly BlobContainerSource source;

    public BlobVersionsTests()
    {
        var options = new BlobClientOptions { Transport = new HttpClientTransport(new HttpClient(account)) };
        source = new("media", new BlobContainerClient(new Uri("https://account.blob.core.windows.net/media"), options));
    }

    [Fact]
    public async Task Delete_OfABlobWithVersions_DeletesEachOfThem()
    {
        account.Versions.AddRange(["2027-01-01T00:00:00.0000000Z", "2027-02-01T00:00:00.0000000Z"]);

        await source.DeleteAsync(Name, default);

        Assert.Empty(account.Versions);
        Assert.Equal(3, account.Deleted);
    }

    [Fact]
    public async Task Listing_WithAVersionLeftOver_NamesIt()
    {
        account.Versions.Add("2027-01-01T00:00:00.0000000Z");
        var found = new List<BlobEntry>();

        await foreach (var blob in source.ListAsync("customers/1/", BlobStates.All, default))
        {
            found.Add(blob);
        }

        Assert.Equal((Name, false), (Assert.Single(found).Name, found[0].IsCurrent));
    }

    public void Dispose() => account.Dispose();

    /// <summary>A container with one blob that has versions.</summary>
    private sealed class Account : HttpMessageHandler
    {
        public List<string> Versions { get; } = [];

        public int Deleted { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken stop)
        {
            var query = HttpUtility.ParseQueryString(request.RequestUri!.Query);
            if (request.Method == HttpMethod.Delete)
            {
                Deleted++;
                Versions.Remove(query["versionid"] ?? "");
                return Task.FromResult(new HttpResponseMessage(HttpStatusCode.Accepted));
            }
            Assert.Contains("versions", query["include"], StringComparison.OrdinalIgnoreCase);
            var blobs = string.Concat(
                Versions.Select(version =>
                    $"<Blob><Name>{Name}</Name><VersionId>{version}</VersionId><Properties><Last-Modified>Fri, 01 Jan 2027 00:00:00 GMT</Last-Modified><Etag>0x8</Etag><Content-Length>1</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob>"
                )
            );
            return Task.FromResult(
                new HttpResponseMessage(HttpStatusCode.OK)
                {
                    Content = new StringContent(
                        $"<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ServiceEndpoint=\"https://account.blob.core.windows.net/\" ContainerName=\"media\"><Blobs>{blobs}</Blobs><NextMarker /></EnumerationResults>",
                        Encoding.UTF8,
                        "application/xml"
                    ),
                }
            );
        }
    }
}
