using System.Collections.Concurrent;
using System.Net;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;

namespace Portability.Local.Tests.Tables;

/// <summary>What goes over the wire: attempts after a failure, and a token. Only the way to the service is ours here.</summary>
[Collection(StorageCollection.Name)]
public sealed class TransportTests(StorageFixture storage)
{
    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task Call_ThatTheServiceCannotServeYet_IsTriedAgain(HttpStatusCode passing)
    {
        string name = (await storage.NewTableAsync()).Name;
        using var way = new FailingHandler(failures: 2, passing);
        var table = new TableClient(storage.ConnectionString, name, Options(way, retries: 3));
        await table.AddEntityAsync(new TableEntity("p", "r") { ["a"] = 1 });
        TableEntity row = await table.GetEntityAsync<TableEntity>("p", "r");
        Assert.Equal(1, row.GetInt32("a"));
        Assert.Equal(["POST", "POST", "POST", "GET"], way.Methods);
    }

    [Fact]
    public async Task Transaction_ThatTheServiceCannotServeYet_IsTriedAgainWhole()
    {
        string name = (await storage.NewTableAsync()).Name;
        using var way = new FailingHandler(failures: 1, HttpStatusCode.ServiceUnavailable);
        var table = new TableClient(storage.ConnectionString, name, Options(way, retries: 3));
        await table.SubmitTransactionAsync(
            Enumerable
                .Range(0, 3)
                .Select(i => new TableTransactionAction(TableTransactionActionType.Add, new TableEntity("p", $"r{i}")))
        );
        Assert.Equal(3, table.Query<TableEntity>().Count());
    }

    [Fact]
    public async Task Call_AfterItsLastAttempt_SaysWhatTheServiceSaid()
    {
        string name = (await storage.NewTableAsync()).Name;
        using var way = new FailingHandler(failures: 10, HttpStatusCode.ServiceUnavailable);
        var table = new TableClient(storage.ConnectionString, name, Options(way, retries: 2));
        RequestFailedException refusal = await Assert.ThrowsAsync<RequestFailedException>(() =>
            table.AddEntityAsync(new TableEntity("p", "r"))
        );
        Assert.Equal(503, refusal.Status);
        Assert.Equal(3, way.Methods.Count());
    }

    [Fact]
    public async Task Refusal_IsNotTriedAgain()
    {
        string name = (await storage.NewTableAsync()).Name;
        using var way = new FailingHandler(failures: 0, HttpStatusCode.OK);
        var table = new TableClient(storage.ConnectionString, name, Options(way, retries: 3));
        await table.AddEntityAsync(new TableEntity("p", "r"));
        await Assert.ThrowsAsync<RequestFailedException>(() => table.AddEntityAsync(new TableEntity("p", "r")));
        Assert.Equal(["POST", "POST"], way.Methods);
    }

    [Theory]
    [InlineData(null, "https://storage.azure.com/.default")]
    [InlineData("https://storage.azure.cn", "https://storage.azure.cn/.default")]
    public async Task TokenCredential_IsAskedForTheAudienceAndSentWithEachCall(string? audience, string scope)
    {
        using var way = new FailingHandler(failures: 100, HttpStatusCode.NotFound);
        var credential = new OneToken();
        TableClientOptions options = Options(way, retries: 0);
        if (audience is not null)
        {
            options.Audience = new TableAudience(audience);
        }
        var table = new TableClient(new Uri("https://account.table.example/"), "cases", credential, options);
        for (int call = 0; call < 2; call++)
        {
            Assert.False((await table.GetEntityIfExistsAsync<TableEntity>("p", "r")).HasValue);
        }
        Assert.Equal([scope], credential.Scopes);
        Assert.Equal(["Bearer the-token", "Bearer the-token"], way.Authorizations);
    }

    [Fact]
    public async Task TokenCredential_OverPlainHttp_IsNotSent()
    {
        using var way = new FailingHandler(failures: 100, HttpStatusCode.NotFound);
        var table = new TableClient(new Uri("http://127.0.0.1:1/account"), "cases", new OneToken(), Options(way, 0));
        await Assert.ThrowsAsync<InvalidOperationException>(() => table.GetEntityIfExistsAsync<TableEntity>("p", "r"));
        Assert.Empty(way.Methods);
    }

    private static TableClientOptions Options(FailingHandler way, int retries)
    {
#pragma warning disable CA2000 // The transport goes with the handler, which the test owns.
        var options = new TableClientOptions { Transport = new HttpClientTransport(way) };
#pragma warning restore CA2000
        options.Retry.MaxRetries = retries;
        options.Retry.Mode = RetryMode.Fixed;
        options.Retry.Delay = TimeSpan.FromMilliseconds(1);
        return options;
    }

    /// <summary>Answers the first calls by a failure of its own, lets the others through to the service.</summary>
    private sealed class FailingHandler(int failures, HttpStatusCode status)
        : DelegatingHandler(new SocketsHttpHandler())
    {
        private readonly ConcurrentQueue<(string Method, string? Authorization)> _calls = new();
        private int _failures = failures;

        public IEnumerable<string> Methods => _calls.Select(call => call.Method);

        public IEnumerable<string?> Authorizations => _calls.Select(call => call.Authorization);

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Fails(request) ? new HttpResponseMessage(status) : base.Send(request, cancellationToken);

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        ) =>
            Fails(request)
                ? Task.FromResult(new HttpResponseMessage(status))
                : base.SendAsync(request, cancellationToken);

        private bool Fails(HttpRequestMessage request)
        {
            _calls.Enqueue((request.Method.Method, request.Headers.Authorization?.ToString()));
            return Interlocked.Decrement(ref _failures) >= 0;
        }
    }

    private sealed class OneToken : TokenCredential
    {
        private readonly ConcurrentQueue<string> _scopes = new();

        public IEnumerable<string> Scopes => _scopes;

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            foreach (string scope in requestContext.Scopes)
            {
                _scopes.Enqueue(scope);
            }
            return new AccessToken("the-token", TimeProvider.System.GetUtcNow().AddHours(1));
        }

        public override ValueTask<AccessToken> GetTokenAsync(
            TokenRequestContext requestContext,
            CancellationToken cancellationToken
        ) => ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }
}
