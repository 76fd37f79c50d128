using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Portability.DataMap;
using Portability.Tests.DataMap;
using Portability.Tests.Erasure;
using Portability.Tests.Sources;

namespace Portability.Tests.Exports;

/// <summary>Whatever the schema, an export holds the customer's rows, all of them and no other, in every format.</summary>
[Collection(ExportTests.Name)]
public sealed class ExportPropertyTests(ExportHouse house)
{
    [Fact]
    public void Export_OfAnySchema_HoldsExactlyTheTenantsRows() =>
        Prop.ForAll(RandomSchema.Seeds, seed => CheckAsync(RandomSchema.Of(seed)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(8));

    private async Task CheckAsync(RandomSchema schema)
    {
        using var file = new SqliteFile(schema.Script);
        TenantDataMap map = MapFile.Load(file.Folder, schema.Map);
        var tenant = (int)((uint)schema.Seed % RandomSchema.Tenants) + 1;
        await using var exporter = house.Exporter(map, new() { ["Lms"] = file.ConnectionString });
        var (_, folder) = await house.ExportAsync(exporter, house.Order($"{tenant}"));

        // Read back and compared by the sqlite3 program alone: the dump as a database, CSV and JSON as tables.
        var script = new StringBuilder(".bail on\n.read lms.sql\nPRAGMA foreign_key_check;\n");
        script.Append(CultureInfo.InvariantCulture, $"ATTACH '{file.Path}' AS source;\n");
        foreach (var table in schema.Tables.Select(t => t.Name).Append("orgs"))
        {
            Compare(script, table, Columns(file, table), table == "orgs" ? "id" : "org", tenant);
        }
        var path = Path.Combine(folder, "compare.sql");
        await File.WriteAllTextAsync(path, script.ToString());
        var differences = await Tool.RunAsync("sqlite3", [":memory:"], input: path, workingDirectory: folder);

        Assert.True(differences.Length == 0, $"{differences}\n{schema}");
    }

    /// <summary>Prints a line for each difference: rows that one side has more often than the other.</summary>
    private static void Compare(StringBuilder script, string table, List<string> columns, string scope, int tenant)
    {
        var list = string.Join(", ", columns);
        var texts = string.Join(", ", columns.Select(column => $"coalesce(CAST({column} AS TEXT), '')"));
        var fields = string.Join(", ", columns.Select(column => $"value ->> '{column}'"));
        var source = $"source.{table} WHERE {scope} = {tenant}";
        script.Append(CultureInfo.InvariantCulture, $".import --csv csv/{table}.csv csv_{table}\n");
        Differ("sql", $"SELECT {list} FROM {source}", $"SELECT {list} FROM main.{table}");
        Differ("csv", $"SELECT {texts} FROM {source}", $"SELECT {list} FROM csv_{table}");
        Differ(
            "json",
            $"SELECT {list} FROM {source}",
            $"SELECT {fields} FROM json_each(readfile('json/{table}.json'))"
        );

        void Differ(string format, string expected, string actual) =>
            script.Append(
                CultureInfo.InvariantCulture,
                $"""
                SELECT '{table} {format}: missing', * FROM ({expected} EXCEPT {actual});
                SELECT '{table} {format}: foreign or changed', * FROM ({actual} EXCEPT {expected});
                SELECT '{table} {format}: count', a, b FROM (SELECT count(*) a FROM ({expected})), (SELECT count(*) b FROM ({actual})) WHERE a <> b;

                """
            );
    }

    private static List<string> Columns(SqliteFile file, string table) =>
        [.. ((string)file.Scalar($"SELECT group_concat(name) FROM pragma_table_info('{table}')")!).Split(',')];
}
