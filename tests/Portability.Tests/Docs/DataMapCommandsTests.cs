using System.Diagnostics;
using System.Text.Json;
using Azure.Storage.Blobs;
using Portability.Tests.Erasure;
using Portability.Tests.Sources;

namespace Portability.Tests.Docs;

/// <summary>The commands of docs/datamap.md, run by a shell in their order, lead from a database to a map that fits it.</summary>
[Collection("storage")]
public sealed class DataMapCommandsTests : IDisposable
{
    private static readonly Page Text = Page.Read("docs/datamap.md");

    private readonly StorageFixture storage;
    private readonly string folder = Directory.CreateTempSubdirectory("portability-page-").FullName;

    public DataMapCommandsTests(StorageFixture storage)
    {
        this.storage = storage;
        // The script builds the program first; here it is built already.
        string script = Path.Combine(folder, "portability");
        File.WriteAllText(
            script,
            $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "portability.dll")}' \"$@\"\n"
        );
    }

    [Fact]
    public async Task Commands_OnSqlite_LeadToAMapThatFits()
    {
        string connection = $"Data Source={Path.Combine(folder, "booking.db")}";
        using (var file = new SqliteFile(DataMapPageTests.Schema + DataMapPageTests.Rows))
        {
            File.Copy(file.Path, Path.Combine(folder, "booking.db"));
        }

        await WalkAsync("sqlite", connection, commands => commands);
    }

    [Fact]
    public async Task Commands_OnPostgres_LeadToAMapThatFits()
    {
        await using PostgresDatabase database = await PostgresServer.CreateAsync(
            DataMapPageTests.Schema + DataMapPageTests.Rows
        );

        await WalkAsync(
            "postgres",
            database.ConnectionString,
            commands =>
                commands
                    .Replace("--provider sqlite", "--provider postgres", StringComparison.Ordinal)
                    .Replace("Data Source=booking.db", database.ConnectionString, StringComparison.Ordinal)
        );
    }

    private async Task WalkAsync(string provider, string connection, Func<string, string> adapt)
    {
        await new BlobContainerClient(storage.ConnectionString, "photos").CreateIfNotExistsAsync();
        await File.WriteAllTextAsync(
            Path.Combine(folder, "settings.json"),
            JsonSerializer.Serialize(
                new { Values = new { Booking = connection, BookingPhotos = storage.ConnectionString } }
            )
        );

        string first = await ShellAsync(adapt(Text.Blocks("bash")[0]));
        string draft = await File.ReadAllTextAsync(Path.Combine(folder, "datamap.json"));

        Assert.Contains("exit code 1", first, StringComparison.Ordinal);
        Assert.All(Lines(Text.Blocks("jsonc")[0]), line => Assert.Contains(line, draft, StringComparison.Ordinal));
        Assert.All(Lines(Text.Blocks("text")[0]), line => Assert.Contains(line, first, StringComparison.Ordinal));
        Assert.Equal(
            ["bookings", "companies", "holidays", "migrations", "receipts", "rooms"],
            first
                .Split('\n')
                .Where(line => line.Contains("is not classified", StringComparison.Ordinal))
                .Select(line => line.Split('(', ')')[1])
                .Order(StringComparer.Ordinal)
        );
        Assert.True(File.Exists(Path.Combine(folder, "datamap.schema.json")));

        // What a person makes of the draft is the map of the page.
        await File.WriteAllTextAsync(
            Path.Combine(folder, "datamap.json"),
            DataMapPageTests.Map.Replace("\"sqlite\"", $"\"{provider}\"", StringComparison.Ordinal)
        );
        string second = await ShellAsync(adapt(Text.Blocks("bash")[1]));

        Assert.All(Lines(Text.Blocks("text")[1]), line => Assert.Contains(line, second, StringComparison.Ordinal));
        Assert.DoesNotContain("exit code", second, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Lines(string block) =>
        block.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private async Task<string> ShellAsync(string commands)
    {
        var start = new ProcessStartInfo("bash")
        {
            ArgumentList = { "-c", $"set -e\nexec 2>&1\nchmod +x portability\n{commands}" },
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process shell = Process.Start(start)!;
        shell.StandardInput.Close();
        string output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.True(shell.ExitCode == 0, output);
        return output;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
