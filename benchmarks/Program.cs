using System.Globalization;
using System.Text.Json;
using Portability.Benchmarks;
using Portability.Benchmarks.Engine;
using Portability.Benchmarks.Erasure;
using Portability.Benchmarks.Exports;

// `exports`, `engine` and `erasure` compare; the others are one measured run of ours, started by them as a process of its own.
switch (args)
{
    case ["exports", .. var options]:
        var rows = long.Parse(Option(options, "--rows") ?? "2000000", CultureInfo.InvariantCulture);
        var pairs = int.Parse(Option(options, "--pairs") ?? "5", CultureInfo.InvariantCulture);
        var only = Option(options, "--only")?.Split(',') ?? [];
        List<BenchmarkResult> results = [.. await ExportsBenchmark.RunAsync(rows, pairs, only)];
        if (only.Length == 0 || only.Contains(PostgresExportsBenchmark.Name))
        {
            results.AddRange(await PostgresExportsBenchmark.RunAsync(rows, pairs));
        }

        await ReportAsync(results, Option(options, "--json"));
        return 0;

    case ["engine", var peerScript, .. var options]:
        await ReportAsync(await EngineBenchmark.RunAsync(peerScript), Option(options, "--json"));
        return 0;

    case ["erasure", .. var options]:
        var toErase = long.Parse(Option(options, "--rows") ?? "1000000", CultureInfo.InvariantCulture);
        var turns = int.Parse(Option(options, "--pairs") ?? "5", CultureInfo.InvariantCulture);
        var engines = Option(options, "--only")?.Split(',') ?? [];
        await ReportAsync(await ErasureBenchmark.RunAsync(toErase, turns, engines), Option(options, "--json"));
        return 0;

    case ["erase", var map, var warmUp, var connection, var storage]:
        await ErasureRun.RunAsync(map, warmUp, connection, storage);
        return 0;

    case ["make", var made, var count]:
        // For profiles of a single run: `make FILE ROWS`, then `write FORMAT FILE TARGET`.
        await ActivityDatabase.MakeAsync(made, long.Parse(count, CultureInfo.InvariantCulture));
        return 0;

    case ["write", var format, var database, var target]:
        await ExportRun.WriteAsync(format, database, target);
        return 0;

    case ["engine-case", var name, var warmUp, var rounds]:
        await EngineBenchmark.WriteRoundsAsync(
            name,
            TimeSpan.FromSeconds(double.Parse(warmUp, CultureInfo.InvariantCulture)),
            int.Parse(rounds, CultureInfo.InvariantCulture)
        );
        return 0;

    case ["engine-fill", var store]:
        await EmbeddedCases.FillAsync(store);
        return 0;

    case ["engine-restart", var store]:
        EngineBenchmark.Write(await EmbeddedCases.RestartAsync(store));
        return 0;

    default:
        await Console.Error.WriteLineAsync(
            "usage: bench exports [--json FILE] [--rows N] [--pairs N] [--only csv,...] | bench engine [--json FILE] | "
                + "bench erasure [--json FILE] [--rows N] [--pairs N] [--only sqlite,postgres]"
        );
        return 2;
}

static string? Option(string[] options, string name)
{
    var at = Array.IndexOf(options, name);
    return at >= 0 && at + 1 < options.Length ? options[at + 1] : null;
}

static async Task ReportAsync(IReadOnlyList<BenchmarkResult> results, string? file)
{
    if (file is not null)
    {
        await using var output = File.Create(file);
        await JsonSerializer.SerializeAsync(output, results, BenchmarkResult.Json);
    }
}
