using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Portability.DataMap;
using Portability.Erasure;
using Portability.Storage;
using Portability.Terminations;
using Portability.Workflow;

namespace Portability.Benchmarks.Erasure;

/// <summary>
/// One erasure as the app does it, with everything that it does: sealed and encrypted keys in storage, batches that each pass
/// the fence in the head of a real case, the holds of the customer's cases looked at, recount and scan.
/// </summary>
internal static class ErasureRun
{
    /// <param name="map">The data map.</param>
    /// <param name="warmUp">Connection string of a small database to begin with: a host that has long been up has compiled its code.</param>
    /// <param name="database">Connection string of the database that is measured.</param>
    /// <param name="storage">Connection string of the app's own storage.</param>
    public static async Task RunAsync(string map, string warmUp, string database, string storage)
    {
        await EraseAsync(map, warmUp, storage);
        await TimedAsync("total", () => EraseAsync(map, database, storage));
    }

    private static async Task<long> EraseAsync(string map, string database, string storage)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Bench", database)]).Build();
        var systems = new MappedSystems(TenantDataMap.Load(map), settings);
        var tables = new TableServiceClient(storage);
        var blobs = new BlobServiceClient(storage);
        await new StorageSetup(tables, blobs).CreateAsync(default);
        var index = new CaseIndex(tables);
        var store = new TerminationStore(tables, blobs, index, NullLogger<TerminationStore>.Instance);
        var cases = new TerminationCases(store, TimeProvider.System);
        var openings = new Openings(cases, new Reservations(tables, store), index, TimeProvider.System);
        var gate = new HoldGate(store, new HoldMarks(tables), openings);
        var keys = new RunKeys([RandomNumberGenerator.GetBytes(32)]);
        var eraser = new Eraser(systems, blobs, keys, gate, TimeProvider.System);
        var order = new ErasureOrder
        {
            CaseId = await OpenAsync(openings),
            Run = 1,
            CustomerId = "1",
            Kind = ErasureKind.Full,
            AsOf = TimeProvider.System.GetUtcNow(),
            EffectiveEnd = TimeProvider.System.GetUtcNow(),
            TimeZone = "Europe/Stockholm",
        };
        var plan = await TimedAsync("seal", () => eraser.SealAsync(order, default));
        var begun = Watch.Start();
        var erased = 0L;
        foreach (var dataset in plan.Datasets)
        {
            BatchOutcome outcome;
            string? cursor = null;
            do
            {
                outcome = await eraser.EraseAsync(order.Ref, dataset.Name, cursor, default);
                cursor = outcome.Cursor;
            } while (!outcome.Done);
            erased += outcome.Deleted;
            if (outcome.Remaining > 0 || outcome.Deleted != dataset.Before)
            {
                throw new InvalidOperationException($"{dataset.Name}: {outcome.Deleted} of {dataset.Before} erased.");
            }
        }
        begun.Say("erase");
        var report = await TimedAsync("verify", () => eraser.VerifyAsync(order.Ref, default));
        if (!report.IsProven)
        {
            throw new InvalidOperationException(
                "Not proven: " + string.Join("; ", report.Datasets.SelectMany(dataset => dataset.Findings))
            );
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"rows {erased}"));
        return erased;
    }

    private static async Task<T> TimedAsync<T>(string what, Func<Task<T>> work)
    {
        var begun = Watch.Start();
        var result = await work();
        begun.Say(what);
        return result;
    }

    /// <summary>Time on the wall, and of our own process on the processor: the rest was waiting, for storage, disk, server or a turn.</summary>
    private sealed record Watch(long At, TimeSpan Processor)
    {
        public static Watch Start() => new(Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);

        public void Say(string what)
        {
            Write(what, Stopwatch.GetElapsedTime(At));
            Write($"{what}-cpu", Environment.CpuUsage.TotalTime - Processor);
        }

        private static void Write(string what, TimeSpan took) =>
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} {took.TotalSeconds:F3}"));
    }

    private static async Task<string> OpenAsync(Openings openings)
    {
        var contract = Guid.NewGuid().ToString("N");
        var caseId = Openings.CaseIdFor(contract, "bench");
        PersonalRow text = PersonalRow.Of("bench");
        var now = TimeProvider.System.GetUtcNow();
        var outcome = await openings.OpenAsync(
            new OpenTermination(
                caseId,
                contract,
                "1",
                text.Ref,
                text.Ref,
                "en",
                new Term(DateOnly.FromDateTime(now.UtcDateTime.AddDays(90)), "Europe/Stockholm", 12),
                new Notice(NoticeKind.NonRenewal, now, "email", text.Ref),
                LateNotice: null,
                new TerminationPolicy()
            )
            {
                Actor = "bench",
            },
            "bench",
            [text],
            default
        );
        return outcome is CommandOutcome.Accepted
            ? caseId
            : throw new InvalidOperationException($"The case was not opened: {outcome}.");
    }
}
