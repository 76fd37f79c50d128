using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Portability.DataMap;
using Portability.Exports;
using Portability.Exports.Formats;

namespace Portability.Benchmarks;

/// <summary>
/// One export file of the benchmark's database, by the same plan, queries, snapshot and writers as in the app, hashed as there;
/// only that the bytes go to a file instead of to blob storage, as the peers' do.
/// </summary>
internal static class ExportRun
{
    public static async Task WriteAsync(string format, string database, string target)
    {
        var map = TenantDataMap.Load(Path.ChangeExtension(database, ".datamap.json"));
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Bench", await ConnectionAsync(database))])
            .Build();
        var sources = new ExportSources(new MappedSystems(map, settings));
        var limits = new ExportLimits { RowsPerPart = long.MaxValue };
        var order = new ExportOrder
        {
            CaseId = "bench",
            Number = 1,
            CustomerId = "bench",
            Formats = [format],
            RequestedAt = DateTimeOffset.UnixEpoch,
        };
        var plan = await new ExportPlanner(sources, limits).PlanAsync(order, default);
        var file = plan.Files.Last();
        await using var content = await new FileContents(sources, TimeProvider.System).OpenAsync(plan, file, default);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var buffer = new RowBuffer();
        await using var output = new FileStream(
            target,
            FileMode.Create,
            FileAccess.Write,
            FileShare.None,
            bufferSize: 0
        );
        var more = true;
        while (more)
        {
            more = await content.FillAsync(buffer, default);
            hash.AppendData(buffer.Written.Span);
            await output.WriteAsync(buffer.Written);
            buffer.Clear();
        }

        Console.WriteLine(
            $"{content.Rows} rows, {output.Length} bytes, {Convert.ToHexStringLower(hash.GetHashAndReset())}"
        );
    }

    /// <summary>A SQLite file, or beside its name a file with the connection string of another database.</summary>
    private static async Task<string> ConnectionAsync(string database)
    {
        var other = Path.ChangeExtension(database, ".connection");
        return File.Exists(other) ? await File.ReadAllTextAsync(other) : $"Data Source={database}";
    }
}
