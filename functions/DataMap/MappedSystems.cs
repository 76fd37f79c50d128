using System.Collections.Concurrent;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Portability.Sources;

namespace Portability.DataMap;

/// <summary>The data map with its systems connected: where exports and erasure get sources and plans from.</summary>
public sealed class MappedSystems
{
    private readonly IConfiguration settings;
    private readonly string? customer;
    private readonly ConcurrentDictionary<(string System, string? Customer), ISqlSource> databases;
    private readonly ConcurrentDictionary<string, IBlobSource> containers;

    public MappedSystems(TenantDataMap map, IConfiguration settings)
        : this(map, settings, null, new(), new(StringComparer.Ordinal)) { }

    private MappedSystems(
        TenantDataMap map,
        IConfiguration settings,
        string? customer,
        ConcurrentDictionary<(string System, string? Customer), ISqlSource> databases,
        ConcurrentDictionary<string, IBlobSource> containers
    )
    {
        Map = map;
        this.settings = settings;
        this.customer = customer;
        this.databases = databases;
        this.containers = containers;
    }

    /// <summary>The map.</summary>
    public TenantDataMap Map { get; }

    /// <summary>Loads the map that the setting <c>Portability__DataMap</c> names.</summary>
    public static MappedSystems Load(IConfiguration settings)
    {
        var path = settings["Portability:DataMap"];
        return string.IsNullOrWhiteSpace(path)
            ? throw new SourceUnreachableException("data map", "the setting Portability__DataMap is not set")
            : new(TenantDataMap.Load(path), settings);
    }

    /// <summary>The same systems for one customer, whose own databases are among them where each customer has some.</summary>
    public MappedSystems For(string customerId) => new(Map, settings, customerId, databases, containers);

    /// <summary>
    /// The database of a SQL system. Throws <see cref="SourceUnreachableException"/> where each customer has its own and none was named.
    /// </summary>
    public ISqlSource Sql(string system) =>
        Map.System(system) is SqlSystem sql
            ? databases.GetOrAdd((system, sql.Tenant is TenantScope.Whole ? customer : null), _ => Connect(sql))
            : throw new SourceUnreachableException(system, "it is no SQL database");

    /// <summary>The container of a blob system.</summary>
    public IBlobSource Blobs(string system) =>
        containers.GetOrAdd(
            system,
            name =>
                Map.System(name) is BlobSystem blobs
                    ? new BlobContainerSource(name, Container(blobs))
                    : throw new SourceUnreachableException(name, "it is no blob container")
        );

    /// <summary>Lays the map over a system's live catalogue. Throws <see cref="DataMapException"/> with everything that does not fit.</summary>
    public async Task<ScopePlan> PlanAsync(string system, CancellationToken cancellationToken)
    {
        var source = Sql(system);
        var catalogue = await source.ReadCatalogueAsync(cancellationToken);
        return ScopePlanner.Plan(Map, (SqlSystem)Map.System(system), catalogue, source.Dialect);
    }

    /// <summary>The value that @tenant takes for a customer, typed as the tenant column is.</summary>
    public object TenantValue(ScopePlan plan, string customerId) =>
        plan.System.Tenant is TenantScope.Rows tenant
            ? Sql(plan.System.Name)
                .Dialect.TenantValue(customerId, plan.Catalogue.Find(tenant.Table)!.Find(tenant.Column)!)
            : customerId;

    private ISqlSource Connect(SqlSystem sql) =>
        sql.Provider switch
        {
            "sqlite" => new SqliteSource(sql.Name, ConnectionOf(sql)),
            "postgres" or "postgresql" => new PostgresSource(
                sql.Name,
                ConnectionOf(sql),
                sql.Schema?.Replace(SqlSystem.Placeholder, customer, StringComparison.Ordinal)
            ),
            _ => throw new SourceUnreachableException(sql.Name, $"no provider '{sql.Provider}' is known"),
        };

    /// <summary>
    /// The connection string, with the customer's id put in where each customer has a database of its own. One and the same database for
    /// all would let one customer's case export and erase another's rows, so it is refused.
    /// </summary>
    private string ConnectionOf(SqlSystem sql)
    {
        if (sql.Tenant is not TenantScope.Whole)
        {
            return Setting(sql.Name, sql.Connection);
        }
        if (customer is null)
        {
            throw new SourceUnreachableException(
                sql.Name,
                "each customer has a database of its own there, and no customer was named"
            );
        }
        if (!customer.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw new SourceUnreachableException(
                sql.Name,
                $"the customer id '{customer}' cannot be part of a connection: only letters, digits, '-' and '_' can"
            );
        }
        var name = sql.Connection.Replace(SqlSystem.Placeholder, customer, StringComparison.Ordinal);
        var value = Setting(sql.Name, name);
        var isOwn =
            name != sql.Connection
            || value.Contains(SqlSystem.Placeholder, StringComparison.Ordinal)
            || sql.Schema?.Contains(SqlSystem.Placeholder, StringComparison.Ordinal) == true;
        return isOwn
            ? value.Replace(SqlSystem.Placeholder, customer, StringComparison.Ordinal)
            : throw new SourceUnreachableException(
                sql.Name,
                $"the setting '{name}' names one database for all customers: write {SqlSystem.Placeholder} where the customer's id belongs"
            );
    }

    private BlobContainerClient Container(BlobSystem blobs)
    {
        if (!StorageAccounts.IsSet(settings, blobs.Connection))
        {
            throw new SourceUnreachableException(blobs.Name, $"the setting '{blobs.Connection}' is not set");
        }
        try
        {
            return StorageAccounts.Blobs(settings, blobs.Connection).GetBlobContainerClient(blobs.Container);
        }
        catch (InvalidOperationException wrong)
        {
            throw new SourceUnreachableException(blobs.Name, wrong.Message, wrong);
        }
    }

    /// <summary>
    /// Connection string of a role that may make databases for restore drills, to any database of a server of the system's kind; null when
    /// none is set.
    /// </summary>
    public string? DrillServer(string system) =>
        settings[$"Portability:RestoreDrill:{system}"] is { Length: > 0 } server ? server : null;

    private string Setting(string system, string name) =>
        settings[name] is { Length: > 0 } value
            ? value
            : throw new SourceUnreachableException(system, $"the setting '{name}' is not set");
}
