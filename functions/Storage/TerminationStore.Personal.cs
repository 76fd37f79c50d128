using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Portability.Terminations;

namespace Portability.Storage;

/// <content>Personal data beside the chain.</content>
public sealed partial class TerminationStore
{
    /// <summary>The value that an event points to, or that it has been redacted.</summary>
    /// <exception cref="InvalidDataException">The row was changed: the event's hash does not agree with it.</exception>
    public async Task<PersonalValue<T>> ReadPersonalAsync<T>(
        string caseId,
        PersonalRef reference,
        CancellationToken cancellationToken
    )
    {
        NullableResponse<PersonalDataRow> row = await table.GetEntityIfExistsAsync<PersonalDataRow>(
            CaseKey.Checked(caseId),
            PersonalDataRow.KeyOf(reference.Id),
            cancellationToken: cancellationToken
        );
        if (!row.HasValue || row.Value is not { } stored)
        {
            return new PersonalValue<T>.Redacted();
        }
        if (PersonalRow.HashOf(stored.Salt, stored.Value) != reference.Hash)
        {
            throw new InvalidDataException(
                $"Case {caseId}: the personal data in row {stored.RowKey} was changed after its event was recorded."
            );
        }
        T value =
            JsonSerializer.Deserialize<T>(stored.Value, EventCodec.Json)
            ?? throw new InvalidDataException($"Case {caseId}: row {stored.RowKey} holds no value.");
        return new PersonalValue<T>.Present(value);
    }

    /// <summary>Deletes side rows with their salts, all of the case's or some; the chain stays as it is and still verifies.</summary>
    /// <returns>How many were there.</returns>
    public async Task<int> RedactAsync(
        string caseId,
        IReadOnlyCollection<PersonalRef>? only,
        CancellationToken cancellationToken
    )
    {
        HashSet<string>? keys = only
            ?.Select(reference => PersonalDataRow.KeyOf(reference.Id))
            .ToHashSet(StringComparer.Ordinal);
        int deleted = 0;
        await foreach (string key in PersonalKeysAsync(CaseKey.Checked(caseId), cancellationToken))
        {
            if (keys is null || keys.Contains(key))
            {
                Response answer = await table.DeleteEntityAsync(caseId, key, ETag.All, cancellationToken);
                deleted += answer.Status == 404 ? 0 : 1;
            }
        }
        return deleted;
    }

    private async IAsyncEnumerable<string> PersonalKeysAsync(
        string caseId,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        string filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {caseId} and RowKey ge {PersonalDataRow.Prefix} and RowKey lt {PersonalDataRow.End}"
        );
        await foreach (
            TableEntity row in table.QueryAsync<TableEntity>(
                filter,
                select: [nameof(ITableEntity.RowKey)],
                cancellationToken: cancellationToken
            )
        )
        {
            yield return row.RowKey;
        }
    }
}
