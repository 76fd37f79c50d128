using Azure;
using Azure.Data.Tables;

namespace Portability.Storage;

/// <content>The end of a case's own time.</content>
public sealed partial class TerminationStore
{
    /// <summary>
    /// Removes a case for good: its events, what recognises them, what is left beside them, its place in the list. From the first write on
    /// nobody finds the case; what a dying process leaves is found by <see cref="IsHalfRemovedAsync"/>.
    /// </summary>
    /// <param name="at">The case as it was judged.</param>
    /// <param name="cancellationToken">When it fires, the removal may have begun.</param>
    /// <returns>False when the case has moved on since; nothing was removed then.</returns>
    public async Task<bool> RemoveAsync(CaseStream at, CancellationToken cancellationToken)
    {
        try
        {
            var none = new HeadRow { PartitionKey = CaseKey.Checked(at.CaseId) };
            await table.UpdateEntityAsync(none, at.ETag, TableUpdateMode.Replace, cancellationToken);
        }
        catch (RequestFailedException moved) when (moved.Status is 404 or 412)
        {
            return await IsHalfRemovedAsync(at.CaseId, cancellationToken);
        }
        await FinishRemovalAsync(at.CaseId, cancellationToken);
        return true;
    }

    /// <summary>True for a case whose removal has begun and has not ended.</summary>
    public async Task<bool> IsHalfRemovedAsync(string caseId, CancellationToken cancellationToken) =>
        await ReadHeadAsync(caseId, cancellationToken) is { IsVoid: true };

    /// <summary>Removes what is left of a case that nobody finds any more. Safe to repeat.</summary>
    public async Task FinishRemovalAsync(string caseId, CancellationToken cancellationToken)
    {
        if (!await IsHalfRemovedAsync(caseId, cancellationToken))
        {
            return;
        }
        var keys = new List<string>();
        string ofCase = TableClient.CreateQueryFilter($"PartitionKey eq {caseId}");
        await foreach (
            TableEntity row in table.QueryAsync<TableEntity>(
                ofCase,
                select: [nameof(ITableEntity.RowKey), nameof(EventRow.BodyBlob)],
                cancellationToken: cancellationToken
            )
        )
        {
            if (row.RowKey == HeadRow.Key)
            {
                continue;
            }
            keys.Add(row.RowKey);
            if (row.GetString(nameof(EventRow.BodyBlob)) is { } body)
            {
                await RemoveBodyAsync(caseId, body, cancellationToken);
            }
        }
        foreach (string[] some in keys.Chunk(MaxOperations))
        {
            await table.SubmitTransactionAsync(
                some.Select(key => new TableTransactionAction(
                    TableTransactionActionType.Delete,
                    new TableEntity(caseId, key),
                    ETag.All
                )),
                cancellationToken
            );
        }
        await index.RemoveAsync(caseId, cancellationToken);
        // The head last: while it is there the removal is known not to have ended.
        await table.DeleteEntityAsync(caseId, HeadRow.Key, ETag.All, cancellationToken);
    }

    /// <summary>Bodies are named by what they hold, so another case may have one and the same.</summary>
    private async Task RemoveBodyAsync(string caseId, string body, CancellationToken cancellationToken)
    {
        string others = TableClient.CreateQueryFilter($"BodyBlob eq {body} and PartitionKey ne {caseId}");
        await foreach (TableEntity _ in table.QueryAsync<TableEntity>(others, 1, cancellationToken: cancellationToken))
        {
            return;
        }
        await bodies.DeleteAsync(body, cancellationToken);
    }
}
