using Azure;
using Azure.Data.Tables;

namespace Portability.Storage;

/// <summary>
/// One row a customer (table <c>cases</c>, partition <c>customer|{id}</c>) that changes whenever a hold is placed on any of
/// its cases. An erasure of one case reads it before each batch, which is cheaper than looking at the holds of all the others.
/// </summary>
public sealed class HoldMarks(TableServiceClient tables)
{
    private readonly TableClient table = tables.GetTableClient(StorageSetup.Cases);

    /// <summary>The mark as it is; changes with each hold.</summary>
    public async Task<string> ReadAsync(string customerId, CancellationToken cancellationToken)
    {
        NullableResponse<HoldMarkRow> row = await table.GetEntityIfExistsAsync<HoldMarkRow>(
            HoldMarkRow.PartitionOf(customerId),
            HoldMarkRow.Key,
            cancellationToken: cancellationToken
        );
        return row.HasValue ? row.Value!.Mark : "";
    }

    /// <summary>Says that a hold has been placed; called after it is in its stream, before its caller is answered.</summary>
    public Task ChangeAsync(string customerId, CancellationToken cancellationToken) =>
        table.UpsertEntityAsync(
            new HoldMarkRow { PartitionKey = HoldMarkRow.PartitionOf(customerId), Mark = Guid.NewGuid().ToString("N") },
            TableUpdateMode.Replace,
            cancellationToken
        );
}

/// <summary>Row <c>holds</c> of partition <c>customer|{id}</c>.</summary>
internal sealed class HoldMarkRow : ITableEntity
{
    public const string Key = "holds";

    public string PartitionKey { get; set; } = "";
    public string RowKey { get; set; } = Key;
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    public string Mark { get; set; } = "";

    public static string PartitionOf(string customerId) => "customer|" + CaseKey.Escape(customerId);
}
