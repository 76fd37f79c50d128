using System.Globalization;
using Portability.DataMap;

namespace Portability.Cli.Maps;

/// <summary>What is wrong with one customer's rows: none is there, or one could not be told from another.</summary>
internal sealed class TenantFindings(MappedSystems systems, ScopePlan plan)
{
    public async Task<IReadOnlyList<DataMapProblem>> OfAsync(
        string tenant,
        IReadOnlyDictionary<string, long> counts,
        CancellationToken cancellationToken
    )
    {
        var found = new List<DataMapProblem>();
        var source = systems.Sql(plan.System.Name);
        var value = systems.TenantValue(plan, tenant);
        var (quote, table) = ((Func<string, string>)source.Dialect.Quote, (Func<string, string>)source.Dialect.Table);
        await using var connection = await source.OpenReadAsync(cancellationToken);
        if (plan.System.Tenant is TenantScope.Rows rows)
        {
            var live = plan.Catalogue.Find(rows.Table)!;
            var sql =
                $"SELECT count(*) FROM {table(live.Name)} t WHERE t.{quote(live.Find(rows.Column)!.Name)} = @tenant";
            if (await TenantCounts.CountAsync(connection, sql, value, cancellationToken) == 0)
            {
                found.Add(
                    new(
                        plan.System.Place,
                        plan.System.Name,
                        $"no row of '{rows.Table}' has the {rows.Column} '{tenant}'",
                        "Name a customer that is there, or correct \"tenant\": the column of the customer's id."
                    )
                );
                return found;
            }
        }
        else if (counts.Values.Sum() == 0)
        {
            found.Add(
                new(
                    plan.System.Place,
                    plan.System.Name,
                    $"the database of '{tenant}' has no row in any mapped table",
                    "Name a customer that is there, or correct the connection."
                )
            );
        }
        foreach (var dataset in plan.Datasets.Where(dataset => dataset.Key.Count > 0))
        {
            // SQLite lets a primary key be null unless it says NOT NULL.
            var isNull = string.Join(" OR ", dataset.Key.Select(column => $"t.{quote(column)} IS NULL"));
            var sql = $"SELECT count(*) FROM {table(dataset.Table.Name)} t WHERE ({dataset.Where}) AND ({isNull})";
            if (await TenantCounts.CountAsync(connection, sql, value, cancellationToken) is var without and > 0)
            {
                found.Add(
                    new(
                        dataset.Map.Place,
                        dataset.Name,
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{without} of the customer's rows in '{dataset.Table.Name}' have no value in the key ({string.Join(", ", dataset.Key)}), so they cannot be sealed and erased"
                        ),
                        "Give them one in the database, or name other columns: \"key\": \"…\"."
                    )
                );
            }
        }
        return found;
    }
}
