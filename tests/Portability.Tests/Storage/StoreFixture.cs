using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging.Abstractions;
using Portability.Demo;
using Portability.Storage;
using Portability.Terminations;

namespace Portability.Tests.Storage;

/// <summary>One Azurite for all tests of the stores; each test works on cases and contracts of its own.</summary>
public sealed class StoreFixture : IAsyncLifetime
{
    private AzuriteProcess? azurite;

    public string ConnectionString => azurite!.ConnectionString;

    public TableServiceClient Tables { get; private set; } = null!;

    public BlobServiceClient Blobs { get; private set; } = null!;

    public CaseIndex Index { get; private set; } = null!;

    public TerminationStore Store { get; private set; } = null!;

    public TableClient Streams => Tables.GetTableClient(StorageSetup.Terminations);

    public async Task InitializeAsync()
    {
        azurite = await AzuriteProcess.StartAsync();
        Tables = new TableServiceClient(azurite.ConnectionString);
        Blobs = new BlobServiceClient(azurite.ConnectionString);
        var setup = new StorageSetup(Tables, Blobs);
        await Task.WhenAll(setup.CreateAsync(default), setup.CreateAsync(default));
        await setup.CheckAsync(default);
        Index = new CaseIndex(Tables);
        Store = StoreOn(Tables);
    }

    public async Task DisposeAsync()
    {
        if (azurite is not null)
        {
            await azurite.DisposeAsync();
        }
    }

    public TerminationStore StoreOn(TableServiceClient tables) =>
        new(tables, Blobs, new CaseIndex(tables), NullLogger<TerminationStore>.Instance);

    /// <summary>A client of the same tables whose requests pass by a policy, on each attempt.</summary>
    public TableServiceClient TablesBy(HttpPipelinePolicy policy, int retries = 3)
    {
        var options = new TableClientOptions();
        options.Retry.Delay = TimeSpan.FromMilliseconds(20);
        options.Retry.MaxRetries = retries;
        options.AddPolicy(policy, HttpPipelinePosition.PerRetry);
        return new TableServiceClient(azurite!.ConnectionString, options);
    }

    public static string NewId() => $"case-{Guid.NewGuid():N}";
}

[CollectionDefinition(Name)]
public sealed class StoreCollection : ICollectionFixture<StoreFixture>
{
    public const string Name = "stores";
}

/// <summary>Events to store; what they mean does not matter here.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Start = new(2027, 1, 4, 9, 0, 0, TimeSpan.Zero);

    public static CaseSummary Summary(
        Phase phase = Phase.UnderNotice,
        string customer = "acme",
        string contract = "contract-1",
        bool attention = false
    ) =>
        new()
        {
            ContractId = contract,
            CustomerId = customer,
            Phase = phase,
            OpenedAt = Start,
            LastAt = Start,
            DueAt = Start.AddDays(1),
            NeedsAttention = attention,
        };

    public static TerminationEvent Export(int number) =>
        new ExportCancelled(number) { At = Start.AddMinutes(number), Actor = "agent-1" };

    public static IReadOnlyList<NewEvent> One(string caseId, string cause, int number) =>
        NewEvent.Of(caseId, cause, [Export(number)]);

    /// <summary>Appends one event after what is stored, however often others are first.</summary>
    public static async Task<CaseStream> AppendAsync(
        this TerminationStore store,
        string caseId,
        string cause,
        TerminationEvent e,
        CaseSummary? summary = null,
        params PersonalRow[] personal
    )
    {
        while (true)
        {
            CaseStream at = await store.LoadAsync(caseId, default) ?? CaseStream.Unopened(caseId);
            AppendOutcome outcome = await store.AppendAsync(
                at,
                NewEvent.Of(caseId, cause, [e]),
                personal,
                summary ?? Summary(),
                default
            );
            switch (outcome)
            {
                case AppendOutcome.Appended appended:
                    return appended.Stream;
                case AppendOutcome.AlreadyCommitted committed:
                    return committed.Stream;
            }
        }
    }
}

/// <summary>A client that loses the answer to transactions that the service has carried out.</summary>
/// <param name="losses">How many answers are lost before they arrive again.</param>
/// <param name="status">What the client sees instead; 0 breaks the connection.</param>
internal sealed class LostAnswers(int losses, int status) : HttpPipelinePolicy
{
    private int left = losses;

    /// <summary>How many were lost.</summary>
    public int Lost { get; private set; }

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        await ProcessNextAsync(message, pipeline);
        if (
            message.Request.Uri.Path.EndsWith("$batch", StringComparison.Ordinal)
            // The list of cases is kept by transactions too; here the stream's are meant.
            && await MentionsAsync(message.Request.Content!, $"/{StorageSetup.Terminations}")
            && Interlocked.Decrement(ref left) >= 0
        )
        {
            Lost++;
            if (status == 0)
            {
                throw new IOException("The connection was lost before the answer came.");
            }
            message.Response.Dispose();
            message.Response = new Substitute(status);
        }
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("The stores are asynchronous throughout.");

    private static async Task<bool> MentionsAsync(RequestContent content, string text)
    {
        using var body = new MemoryStream();
        await content.WriteToAsync(body, default);
        return System.Text.Encoding.UTF8.GetString(body.ToArray()).Contains(text, StringComparison.Ordinal);
    }

    private sealed class Substitute(int status) : Azure.Response
    {
        public override int Status => status;
        public override string ReasonPhrase => "Lost";
        public override Stream? ContentStream { get; set; } = new MemoryStream();
        public override string ClientRequestId { get; set; } = "";
        public override bool IsError => true;

        public override void Dispose() => ContentStream?.Dispose();

        protected override bool ContainsHeader(string name) => false;

        protected override IEnumerable<HttpHeader> EnumerateHeaders() => [];

        protected override bool TryGetHeader(
            string name,
            [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value
        )
        {
            value = null;
            return false;
        }

        protected override bool TryGetHeaderValues(
            string name,
            [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IEnumerable<string>? values
        )
        {
            values = null;
            return false;
        }
    }
}
