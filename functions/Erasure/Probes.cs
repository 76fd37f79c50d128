using System.Runtime.CompilerServices;
using Portability.DataMap;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// Chooses, before the erasure, what to look for after it: e-mail addresses wherever they stand in a column of that name; names of
/// people, in tables that also hold addresses, and the customer's own, of two words or more; keys that are texts or GUIDs, of twelve
/// characters or more. Shorter and single-word values are too common to prove anything by themselves.
/// </summary>
internal sealed class Probes(RunScope scope)
{
    private const int ShortestName = 8;
    private const int ShortestKey = 12;
    private const int Longest = 200;

    /// <summary>Values of a dataset that are worth looking for, in lower case; the same may come twice.</summary>
    public async IAsyncEnumerable<string> OfAsync(
        ScopedDataset dataset,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (!dataset.IsOwned)
        {
            yield break;
        }
        foreach (var column in dataset.Table.Columns)
        {
            if (KindOf(dataset, column) is not { } isProbe)
            {
                continue;
            }
            var quoted = $"t.{scope.Dialect.Quote(column.Name)}";
            await using var command = scope.Connection.Prepare(
                $"SELECT DISTINCT {quoted} FROM {scope.Table(dataset)} t WHERE {quoted} IS NOT NULL AND {scope.Member(dataset)}",
                ("@tenant", scope.Tenant)
            );
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                if (reader.Cell(0)?.ToString()?.Trim().ToLowerInvariant() is { } value && isProbe(value))
                {
                    yield return value;
                }
            }
        }
    }

    private Func<string, bool>? KindOf(ScopedDataset dataset, ColumnInfo column)
    {
        if (dataset.Key.Contains(column.Name, StringComparer.OrdinalIgnoreCase))
        {
            return column.Kind is ColumnKind.Text or ColumnKind.Guid
                ? value => value.Length is >= ShortestKey and <= Longest && value.Any(char.IsAsciiDigit)
                : null;
        }
        if (column.Kind != ColumnKind.Text)
        {
            return null;
        }
        if (IsMail(column))
        {
            return IsAddress;
        }
        var isCustomer =
            scope.Plan.System.Tenant is TenantScope.Rows tenant
            && string.Equals(dataset.Table.Name, tenant.Table, StringComparison.OrdinalIgnoreCase);
        var isPeople = isCustomer || dataset.Table.Columns.Any(IsMail);
        return isPeople && column.Name.Contains("name", StringComparison.OrdinalIgnoreCase) ? IsFullName : null;
    }

    private static bool IsMail(ColumnInfo column) => column.Name.Contains("mail", StringComparison.OrdinalIgnoreCase);

    private static bool IsAddress(string value)
    {
        var at = value.IndexOf('@', StringComparison.Ordinal);
        return at > 0
            && value.Length is >= ProbeMatcher.Shortest and <= Longest
            && value.LastIndexOf('.') is var dot
            && dot > at + 1
            && dot < value.Length - 1
            && !value.Any(char.IsWhiteSpace);
    }

    private static bool IsFullName(string value) =>
        value.Length is >= ShortestName and <= Longest && value.Contains(' ', StringComparison.Ordinal);
}
