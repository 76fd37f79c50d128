using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Portability.DataMap;
using Portability.Exports;
using Portability.Exports.Formats;

namespace Portability.Tests.Exports;

/// <summary>A database made to break writers: two tenants, every type, composite keys, a tree of reference data, values of all sorts.</summary>
internal sealed class HostileSource
{
    public const string Tenant = "north";

    private const string Schema = """
        CREATE TABLE tenants (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE);
        CREATE TABLE kinds (code TEXT PRIMARY KEY, parent TEXT REFERENCES kinds (code), name TEXT) WITHOUT ROWID;
        CREATE TABLE regions (code TEXT PRIMARY KEY, name TEXT);
        CREATE TABLE items (
          id INTEGER PRIMARY KEY, -- with a comment
          tenant_id INTEGER NOT NULL REFERENCES tenants (id),
          kind TEXT REFERENCES kinds (code),
          region TEXT REFERENCES regions (code),
          "odd ""name"", =1+1" TEXT,
          label TEXT, anything, number REAL, whole INTEGER, amount DECIMAL(12,2), flag BOOLEAN, day DATE, at DATETIME, data BLOB, doc JSON,
          twice INTEGER GENERATED ALWAYS AS (whole * 2) STORED,
          reviewed_with INTEGER REFERENCES items (id)
        );
        CREATE UNIQUE INDEX items_label ON items (tenant_id, id);
        CREATE TABLE notes (
          item_id INTEGER NOT NULL REFERENCES items (id), n TEXT NOT NULL, body TEXT,
          PRIMARY KEY (item_id, n)
        );
        INSERT INTO tenants VALUES (1, 'north'), (2, 'north-2');
        INSERT INTO kinds VALUES ('a', NULL, 'Root'), ('b', 'a', 'Leaf'), ('z', NULL, 'Unused');
        INSERT INTO regions VALUES ('se', 'Sverige'), ('no', 'Norge'), ('xx', 'Nowhere');
        """;

    private const string MapText = """
        {
          "systems": [{ "name": "src", "kind": "sql", "provider": "sqlite", "connection": "Src",
                        "tenant": { "table": "tenants", "column": "code" } }],
          "categories": { "all": "All", "lists": "Lists" },
          "datasets": [
            { "table": "tenants", "category": "all", "erase": "delete" },
            { "table": "items", "category": "all", "via": "tenant_id", "formats": ["csv", "xlsx", "json", "ndjson", "xml", "parquet", "sql"], "erase": "delete" },
            { "table": "notes", "category": "all", "formats": ["csv", "xlsx", "json", "xml", "parquet", "sql"], "erase": "delete" },
            { "table": "kinds", "category": "lists", "erase": { "none": "Kinds of items" } },
            { "table": "regions", "category": "lists", "erase": { "none": "Regions" } }
          ],
          "documents": [
            { "name": "items-with-notes", "category": "all", "formats": ["json", "ndjson", "xml"], "root": "items", "include": [
                { "dataset": "notes" }, { "dataset": "regions", "as": "where" } ] }
          ]
        }
        """;

    private readonly ExportHouse _house;
    private readonly TenantDataMap _map;

    private HostileSource(ExportHouse house, string folder)
    {
        _house = house;
        Database = Path.Combine(folder, "src.db");
        var map = Path.Combine(folder, "datamap.json");
        File.WriteAllText(map, MapText);
        _map = TenantDataMap.Load(map);
        Run(Schema);
    }

    public string Database { get; }

    public static HostileSource Create(ExportHouse house) =>
        new(house, house.Folder.CreateSubdirectory($"src-{Guid.NewGuid():N}").FullName);

    /// <summary>An item of the tenant (or of another one) with one column set.</summary>
    public void AddItem(long id, string column, object? value, int tenant = 1) =>
        Run(
            $"INSERT INTO items (id, tenant_id, \"{column.Replace("\"", "\"\"")}\") VALUES ({id}, {tenant}, $value)",
            value ?? DBNull.Value
        );

    public void Run(string sql, object? value = null)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        if (value is not null)
        {
            command.Parameters.AddWithValue("$value", value);
        }

        command.ExecuteNonQuery();
    }

    public Exporter Exporter(ExportLimits? limits = null) =>
        _house.Exporter(_map, new() { ["Src"] = $"Data Source={Database}" }, limits);

    public ExportOrder Order(params string[] formats) => _house.Order(Tenant) with { Formats = formats };

    /// <summary>What the content of a table's file is made from; to be disposed of by the content.</summary>
    internal async Task<ContentInput> InputAsync(string table)
    {
        var settings = new Dictionary<string, string?> { ["Src"] = $"Data Source={Database}" };
        var sources = new ExportSources(
            new MappedSystems(_map, new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
        );
        var scope = await sources.ScopeAsync("src", default);
        var connection = await sources.Database("src").OpenReadAsync(default);
        return new ContentInput(
            table,
            connection,
            query => ExportSources.Open(connection, query),
            sources.Queries(scope, Tenant),
            scope.Dataset(table),
            DateTimeOffset.UnixEpoch
        )
        {
            Order = Order(),
        };
    }

    /// <summary>Exports in one format; the folder of the files.</summary>
    public async Task<string> ExportAsync(params string[] formats)
    {
        await using var exporter = Exporter();
        return (await _house.ExportAsync(exporter, Order(formats))).Folder;
    }

    /// <summary>All values of a query over a database file, with their types and exact bits.</summary>
    public static IReadOnlyList<string> Values(string database, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var values = new List<string>();
        while (reader.Read())
        {
            for (var i = 0; i < reader.FieldCount; i++)
            {
                values.Add(
                    reader.GetValue(i) switch
                    {
                        double number => $"real {BitConverter.DoubleToInt64Bits(number):x16} {number:R}",
                        byte[] bytes => $"blob {Convert.ToHexString(bytes)}",
                        var other => $"{other.GetType().Name} {other}",
                    }
                );
            }
        }

        return values;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        return connection;
    }
}
