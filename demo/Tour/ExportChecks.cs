using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Portability.Demo.Tour;

/// <summary>Holds a downloaded export against the database that it was made from.</summary>
internal sealed class ExportChecks(string folder, Promises promises)
{
    // Reading a dump into memory to run it is fine for a sample; sqlite3 loads larger ones.
    private const long LargestDump = 200L * 1024 * 1024;

    /// <summary>Rows of each dataset's CSV, as the manifest counts them, against the customer's rows in the database.</summary>
    public void RowsOfManifest(JsonNode manifest, IReadOnlyDictionary<string, long> rows)
    {
        Dictionary<string, long> exported = new(StringComparer.Ordinal);
        foreach (JsonNode? dataset in manifest["datasets"]!.AsArray())
        {
            JsonNode?[] tables = [.. FilesOf(dataset!).Where(file => file!["format"]!.GetValue<string>() == "csv")];
            if (tables.Length > 0)
            {
                exported[dataset!["name"]!.GetValue<string>()] = tables.Sum(file => file!["rows"]!.GetValue<long>());
            }
        }

        List<string> wrong =
        [
            .. rows.Where(table => exported.TryGetValue(table.Key, out long count) && count != table.Value)
                .Select(table =>
                    string.Create(CultureInfo.InvariantCulture, $"{table.Key}: {exported[table.Key]} of {table.Value}")
                ),
        ];
        string[] missing = [.. rows.Keys.Where(table => !exported.ContainsKey(table) && table != "sessions")];
        promises.Expect(
            $"the manifest counts every row of {exported.Count} tables; only sign-in sessions are left out",
            wrong.Count == 0 && missing.Length == 0,
            string.Join(", ", wrong.Concat(missing.Select(table => $"{table} is missing")))
        );
    }

    /// <summary>Loads the SQL dump into an empty database with foreign keys checked, and counts.</summary>
    public async Task DumpLoadsAsync(IReadOnlyDictionary<string, long> rows, CancellationToken ct)
    {
        string[] dumps =
        [
            .. Directory.GetFiles(folder, "*.sql", SearchOption.AllDirectories).Order(StringComparer.Ordinal),
        ];
        if (dumps.Sum(dump => new FileInfo(dump).Length) > LargestDump)
        {
            return;
        }

        promises.Expect("the export holds a SQL dump", dumps.Length > 0);
        await using SqliteConnection connection = new("Data Source=:memory:");
        await connection.OpenAsync(ct);
        foreach (string dump in dumps)
        {
            await RunAsync(connection, await File.ReadAllTextAsync(dump, ct), ct);
        }

        promises.ExpectEqual(
            "the SQL dump loads into an empty database and no foreign key is broken",
            0,
            await CountAsync(connection, "pragma_foreign_key_check", ct)
        );
        List<string> wrong = [];
        foreach ((string table, long expected) in rows.Where(table => table.Key != "sessions"))
        {
            long loaded = await CountAsync(connection, $"\"{table}\"", ct);
            if (loaded != expected)
            {
                wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{table}: {loaded} of {expected}"));
            }
        }

        promises.Expect("the dump has every row of the customer", wrong.Count == 0, string.Join(", ", wrong));
    }

    /// <summary>Looks for what only the neighbour's rows hold, in every file and file name.</summary>
    public async Task NothingOfAsync(SampleCustomer neighbour, CancellationToken ct)
    {
        string[] marks = [neighbour.CustomerId, neighbour.Name, neighbour.ContactName, neighbour.ContactEmail];
        List<string> found = [];
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            bool isText =
                Path.GetExtension(file) is ".csv" or ".json" or ".ndjson" or ".sql" or ".xml" or ".md" or ".txt";
            if (
                marks.Any(mark => Path.GetRelativePath(folder, file).Contains(mark, StringComparison.Ordinal))
                || (isText && await HoldsAsync(file, marks, ct))
            )
            {
                found.Add(Path.GetRelativePath(folder, file));
            }
        }

        promises.Expect($"no file mentions {neighbour.Name}", found.Count == 0, string.Join(", ", found));
    }

    /// <summary>Media: as many files as the customer had blobs.</summary>
    public void Media(JsonNode manifest, int blobs)
    {
        int media = manifest["datasets"]!
            .AsArray()
            .Where(dataset => dataset!["name"]!.GetValue<string>() == "media")
            .Sum(dataset => FilesOf(dataset!).Count);
        promises.ExpectEqual("every media file is there", blobs, media);
    }

    private static JsonArray FilesOf(JsonNode dataset) => dataset["files"]!.AsArray();

    private static async Task<bool> HoldsAsync(string file, string[] marks, CancellationToken ct)
    {
        await foreach (string line in File.ReadLinesAsync(file, ct))
        {
            if (marks.Any(mark => line.Contains(mark, StringComparison.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }

    private static async Task<long> CountAsync(SqliteConnection connection, string from, CancellationToken ct)
    {
        await using SqliteCommand command = Command(connection, $"SELECT count(*) FROM {from}");
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private static async Task RunAsync(SqliteConnection connection, string sql, CancellationToken ct)
    {
        await using SqliteCommand command = Command(connection, sql);
        await command.ExecuteNonQueryAsync(ct);
    }

    [SuppressMessage(
        "Security",
        "CA2100",
        Justification = "The dump is what is being tried; table names are the sample's own."
    )]
    private static SqliteCommand Command(SqliteConnection connection, string sql)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
