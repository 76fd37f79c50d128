using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using Portability.DataMap;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports;

/// <summary>The data map's systems as exports read them.</summary>
internal sealed class ExportSources(MappedSystems systems)
{
    public TenantDataMap Map => systems.Map;

    public ISqlSource Database(string system) => systems.Sql(system);

    public IBlobSource Container(string system) => systems.Blobs(system);

    /// <summary>The same for one customer, who may have a database of its own.</summary>
    public ExportSources For(string customerId) => new(systems.For(customerId));

    /// <summary>The data map laid over the live catalogue of one of its databases.</summary>
    public Task<ScopePlan> ScopeAsync(string system, CancellationToken cancellationToken) =>
        systems.PlanAsync(system, cancellationToken);

    /// <summary>A server on which a database may be made for a restore drill; null when no setting names one.</summary>
    public string? DrillServer(string system) => systems.DrillServer(system);

    public ScopedQueries Queries(ScopePlan scope, string customerId) =>
        new(Database(scope.System.Name).Dialect, systems.TenantValue(scope, customerId));

    /// <summary>Runs a query over an open connection.</summary>
    public static RowReader Open(DbConnection connection, RowQuery query) =>
        connection switch
        {
            SqliteConnection sqlite => new SqliteRowReader(sqlite, query),
            NpgsqlConnection postgres => new PostgresRowReader(postgres, query),
            _ => throw new NotSupportedException($"No row reader for a {connection.GetType().Name}."),
        };
}
