using System.Globalization;
using System.Text.Json;
using Portability.Benchmarks;

// `exports` compares; `write` is one measured run of ours, started by `exports` as a process of its own.
switch (args)
{
    case ["exports", .. var options]:
        var rows = long.Parse(Option(options, "--rows") ?? "2000000", CultureInfo.InvariantCulture);
        var results = await ExportsBenchmark.RunAsync(rows);
        if (Option(options, "--json") is { } file)
        {
            await using var output = File.Create(file);
            await JsonSerializer.SerializeAsync(output, results, BenchmarkResult.Json);
        }

        return 0;

    case ["write", var format, var database, var target]:
        await ExportRun.WriteAsync(format, database, target);
        return 0;

    default:
        await Console.Error.WriteLineAsync("usage: bench exports [--json FILE] [--rows N]");
        return 2;
}

static string? Option(string[] options, string name)
{
    var at = Array.IndexOf(options, name);
    return at >= 0 && at + 1 < options.Length ? options[at + 1] : null;
}
