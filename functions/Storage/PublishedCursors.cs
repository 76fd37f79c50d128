using Azure;
using Azure.Data.Tables;

namespace Portability.Storage;

/// <summary>How far a case's events have been published.</summary>
/// <param name="Published">Sequence of the last event that is out; 0 for none.</param>
public sealed record PublishedCursor(string CaseId, long Published);

/// <summary>One row a case (table <c>published</c>): where its integration events stand.</summary>
public sealed class PublishedCursors(TableServiceClient tables)
{
    private const string Partition = "published";

    private readonly TableClient table = tables.GetTableClient(StorageSetup.Published);

    public async Task<PublishedCursor> ReadAsync(string caseId, CancellationToken cancellationToken)
    {
        NullableResponse<CursorRow> row = await table.GetEntityIfExistsAsync<CursorRow>(
            Partition,
            CaseKey.Checked(caseId),
            cancellationToken: cancellationToken
        );
        return new PublishedCursor(caseId, row.HasValue ? row.Value!.Sequence : 0);
    }

    /// <summary>Every cursor, for the sweep.</summary>
    public async Task<IReadOnlyDictionary<string, long>> AllAsync(CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, long>(StringComparer.Ordinal);
        await foreach (
            CursorRow row in table.QueryAsync<CursorRow>(
                row => row.PartitionKey == Partition,
                cancellationToken: cancellationToken
            )
        )
        {
            all[row.RowKey] = row.Sequence;
        }
        return all;
    }

    /// <summary>
    /// Notes what is out. Two publishers may do so at once; the last one's word stands, and where that is the lesser, events
    /// are published again under their ids.
    /// </summary>
    public Task MoveAsync(PublishedCursor cursor, long published, CancellationToken cancellationToken) =>
        table.UpsertEntityAsync(
            new CursorRow
            {
                PartitionKey = Partition,
                RowKey = CaseKey.Checked(cursor.CaseId),
                Sequence = published,
            },
            TableUpdateMode.Replace,
            cancellationToken
        );

    /// <summary>Forgets a case that is being removed. Safe to repeat.</summary>
    public Task RemoveAsync(string caseId, CancellationToken cancellationToken) =>
        table.DeleteEntityAsync(Partition, CaseKey.Checked(caseId), ETag.All, cancellationToken);
}

/// <summary>Row of a case in the table <c>published</c>.</summary>
internal sealed class CursorRow : ITableEntity
{
    public string PartitionKey { get; set; } = "";
    public string RowKey { get; set; } = "";
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    public long Sequence { get; set; }
}
