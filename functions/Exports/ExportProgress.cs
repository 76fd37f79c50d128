using System.Globalization;
using Azure;
using Azure.Data.Tables;

namespace Portability.Exports;

/// <summary>Where each file is, in a table of its own: many writers, one row each, nobody waits for anybody.</summary>
public sealed class ExportProgress(TableServiceClient service, TimeProvider clock)
{
    public const string TableName = "exportprogress";

    // A property holds at most 32 Ki characters; nobody reads that much of an error.
    private const int LongestError = 2000;

    private readonly TableClient _table = service.GetTableClient(TableName);
    private volatile bool _created;

    internal async Task WriteAsync(
        ExportRef export,
        PlannedFile file,
        FileState state,
        long rows,
        long bytes,
        string? error,
        CancellationToken cancellationToken
    )
    {
        if (!_created)
        {
            await _table.CreateIfNotExistsAsync(cancellationToken);
            _created = true;
        }

        var entity = new TableEntity(Partition(export), Row(file.Index))
        {
            ["State"] = state.ToString(),
            ["Rows"] = rows,
            ["Bytes"] = bytes,
            ["UpdatedAt"] = clock.GetUtcNow(),
        };
        if (error is not null)
        {
            entity["Error"] = error.Length <= LongestError ? error : error[..LongestError];
        }

        // Replace: an error of an earlier attempt must not outlive it.
        await _table.UpsertEntityAsync(entity, TableUpdateMode.Replace, cancellationToken);
    }

    internal async Task<IReadOnlyList<FileProgress>> ReadAsync(ExportPlan plan, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<string, TableEntity>(StringComparer.Ordinal);
        await foreach (var entity in RowsAsync(plan.Order.Reference, cancellationToken))
        {
            rows[entity.RowKey] = entity;
        }

        return
        [
            .. plan
                .Files.Concat(plan.Bundle is { } bundle ? [bundle] : [])
                .Select(file => Describe(file, rows.GetValueOrDefault(Row(file.Index)))),
        ];
    }

    internal async Task EraseAsync(ExportRef export, CancellationToken cancellationToken)
    {
        var batch = new List<TableTransactionAction>();
        await foreach (var entity in RowsAsync(export, cancellationToken))
        {
            batch.Add(new TableTransactionAction(TableTransactionActionType.Delete, entity, ETag.All));
            if (batch.Count == 100)
            {
                await _table.SubmitTransactionAsync(batch, cancellationToken);
                batch.Clear();
            }
        }

        if (batch.Count > 0)
        {
            await _table.SubmitTransactionAsync(batch, cancellationToken);
        }
    }

    private async IAsyncEnumerable<TableEntity> RowsAsync(
        ExportRef export,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (!_created)
        {
            await _table.CreateIfNotExistsAsync(cancellationToken);
            _created = true;
        }

        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition(export)}");
        await foreach (var entity in _table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken))
        {
            yield return entity;
        }
    }

    private static FileProgress Describe(PlannedFile file, TableEntity? row) =>
        new()
        {
            Index = file.Index,
            Dataset = file.Dataset,
            Path = file.Path,
            Format = file.Format,
            State = row is null ? FileState.Waiting : Enum.Parse<FileState>(row.GetString("State")),
            Rows = row?.GetInt64("Rows") ?? 0,
            Bytes = row?.GetInt64("Bytes") ?? 0,
            Error = row?.GetString("Error"),
            UpdatedAt = row?.GetDateTimeOffset("UpdatedAt"),
        };

    private static string Partition(ExportRef export) =>
        string.Create(CultureInfo.InvariantCulture, $"{export.CaseId}-{export.Number}");

    private static string Row(int index) => index.ToString("D8", CultureInfo.InvariantCulture);
}
