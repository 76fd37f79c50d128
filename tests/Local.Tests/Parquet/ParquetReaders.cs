using System.Diagnostics;
using System.Text.Json;
using Portability.Demo;

namespace Local.Tests.Parquet;

/// <summary>What hyparquet and DuckDB find in a file.</summary>
internal sealed record ReadBack(HyparquetView Hyparquet, DuckDbView DuckDb)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static async Task<IReadOnlyList<ReadBack>> ReadAsync(params string[] files)
    {
        var script = Checkout.Find(Path.Combine("tests", "Readers", "parquet.mjs"))!;
        var start = new ProcessStartInfo("node", [script, .. files])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return
        [
            .. output
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line =>
                {
                    using var json = JsonDocument.Parse(line);
                    return new ReadBack(
                        json.RootElement.GetProperty("hyparquet")
                            .Deserialize<HyparquetView>(JsonSerializerOptions.Web)!,
                        json.RootElement.GetProperty("duckdb").Deserialize<DuckDbView>(Options)!
                    );
                }),
        ];
    }

    /// <summary>A column's values by each reader.</summary>
    public (IReadOnlyList<string?> Hyparquet, IReadOnlyList<string?> DuckDb) Column(string name) =>
        ([.. Hyparquet.Rows.Select(row => row[name])], [.. DuckDb.Rows.Select(row => row[name])]);
}

internal sealed record HyparquetView(
    IReadOnlyList<Dictionary<string, string?>> Rows,
    Dictionary<string, string> Keys,
    string CreatedBy
);

internal sealed record DuckDbView(
    IReadOnlyList<Dictionary<string, string?>> Rows,
    IReadOnlyList<Dictionary<string, string?>> Schema,
    IReadOnlyList<ChunkView> Chunks
);

internal sealed record ChunkView(
    string PathInSchema,
    string Compression,
    string Encodings,
    string? StatsNullCount,
    string? StatsMinValue,
    string? StatsMaxValue,
    bool Dictionary
);
