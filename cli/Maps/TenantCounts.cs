using System.Data.Common;
using System.Globalization;
using Portability.DataMap;
using Portability.Sources;

namespace Portability.Cli.Maps;

/// <summary>Counts one customer's rows and blobs, in the scope that exports and erasures use.</summary>
internal static class TenantCounts
{
    /// <summary>Rows of each dataset of a database, all of one moment.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> OfTablesAsync(
        MappedSystems systems,
        ScopePlan plan,
        string tenant,
        CancellationToken cancellationToken
    )
    {
        var source = systems.Sql(plan.System.Name);
        var value = systems.TenantValue(plan, tenant);
        await using var connection = await source.OpenReadAsync(cancellationToken);
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var dataset in plan.Datasets)
        {
            counts[dataset.Name] = await CountAsync(
                connection,
                $"SELECT count(*) FROM {source.Dialect.Table(dataset.Table.Name)} t WHERE {dataset.Where}",
                value,
                cancellationToken
            );
        }
        return counts;
    }

    /// <summary>Number and bytes of the current blobs of each dataset of a container.</summary>
    public static async Task<IReadOnlyDictionary<string, (long Blobs, long Bytes)>> OfBlobsAsync(
        MappedSystems systems,
        BlobSystem system,
        string tenant,
        CancellationToken cancellationToken
    )
    {
        var counts = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        foreach (var dataset in systems.Map.Blobs.Where(blobs => blobs.System == system.Name))
        {
            var (blobs, bytes) = (0L, 0L);
            await foreach (
                var blob in systems
                    .Blobs(system.Name)
                    .ListAsync(dataset.PrefixOf(tenant), BlobStates.Current, cancellationToken)
            )
            {
                (blobs, bytes) = (blobs + 1, bytes + blob.Size);
            }
            counts[dataset.Name] = (blobs, bytes);
        }
        return counts;
    }

    public static async Task<long> CountAsync(
        DbConnection connection,
        string sql,
        object tenant,
        CancellationToken cancellationToken
    )
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        if (sql.Contains("@tenant", StringComparison.Ordinal))
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "@tenant";
            parameter.Value = tenant;
            command.Parameters.Add(parameter);
        }
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
    }
}
