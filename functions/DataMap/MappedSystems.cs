using System.Collections.Concurrent;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Portability.Sources;

namespace Portability.DataMap;

/// <summary>The data map with its systems connected: where exports and erasure get sources and plans from.</summary>
public sealed class MappedSystems(TenantDataMap map, IConfiguration settings)
{
    private readonly ConcurrentDictionary<string, ISqlSource> databases = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IBlobSource> containers = new(StringComparer.Ordinal);

    /// <summary>The map.</summary>
    public TenantDataMap Map => map;

    /// <summary>Loads the map that the setting <c>Portability__DataMap</c> names.</summary>
    public static MappedSystems Load(IConfiguration settings)
    {
        var path = settings["Portability:DataMap"];
        return string.IsNullOrWhiteSpace(path)
            ? throw new SourceUnreachableException("data map", "the setting Portability__DataMap is not set")
            : new(TenantDataMap.Load(path), settings);
    }

    /// <summary>The database of a SQL system.</summary>
    public ISqlSource Sql(string system) =>
        databases.GetOrAdd(
            system,
            name =>
                map.System(name) is SqlSystem { Provider: "sqlite" } sql
                    ? new SqliteSource(name, Setting(sql.Name, sql.Connection))
                    : throw new SourceUnreachableException(name, "it is no SQL database of a known provider")
        );

    /// <summary>The container of a blob system.</summary>
    public IBlobSource Blobs(string system) =>
        containers.GetOrAdd(
            system,
            name =>
                map.System(name) is BlobSystem blobs
                    ? new BlobContainerSource(
                        name,
                        new BlobContainerClient(Setting(blobs.Name, blobs.Connection), blobs.Container)
                    )
                    : throw new SourceUnreachableException(name, "it is no blob container")
        );

    /// <summary>Lays the map over a system's live catalogue. Throws <see cref="DataMapException"/> with everything that does not fit.</summary>
    public async Task<ScopePlan> PlanAsync(string system, CancellationToken cancellationToken)
    {
        var source = Sql(system);
        var catalogue = await source.ReadCatalogueAsync(cancellationToken);
        return ScopePlanner.Plan(map, (SqlSystem)map.System(system), catalogue, source.Dialect);
    }

    /// <summary>The value that @tenant takes for a customer, typed as the tenant column is.</summary>
    public object TenantValue(ScopePlan plan, string customerId)
    {
        var tenant = plan.System.Tenant;
        return Sql(plan.System.Name)
            .Dialect.TenantValue(customerId, plan.Catalogue.Find(tenant.Table)!.Find(tenant.Column)!);
    }

    private string Setting(string system, string name) =>
        settings[name] is { Length: > 0 } value
            ? value
            : throw new SourceUnreachableException(system, $"the setting '{name}' is not set");
}
