using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Xunit.Abstractions;

namespace Portability.Tests.Erasure;

/// <summary>
/// Whatever the schema, the rules, the holds and the moments at which the process dies: neighbours' rows stay bit by bit what they
/// were, the leaver's rows are gone or listed, nothing goes that a hold covers, and the numbers add up.
/// </summary>
[Collection("storage")]
public sealed class RandomErasureTests(StorageFixture storage, ITestOutputHelper output)
{
    /// <summary>Most of a life is waiting for storage.</summary>
    private const int AtOnce = 3;

    private const int MostRounds = 4;

    [Fact]
    public Task Erasure_OfAnySchemaUnderHoldsAndKills_SparesOthersAndListsWhatStays() =>
        LiveAsync("sqlite", lives: 100);

    [Fact]
    public Task Erasure_OfAnyPostgresSchemaUnderHoldsAndKills_SparesOthersAndListsWhatStays() =>
        LiveAsync("postgres", lives: 8);

    private async Task LiveAsync(string provider, int lives)
    {
        var given = Environment.GetEnvironmentVariable("PORTABILITY_SEED");
        var first = given is null
            ? RandomNumberGenerator.GetInt32(1_000_000_000)
            : int.Parse(given, CultureInfo.InvariantCulture);
        var faults = new ConcurrentBag<string>();
        int lived = 0,
            kills = 0,
            holds = 0,
            runs = 0;
        // Of few lives it may happen that hardly one is killed or held: then as many more are lived, to the same share of all.
        for (int round = 0; round == 0 || (given is null && round < MostRounds && !AreEnough()); round++)
        {
            await Parallel.ForEachAsync(
                Enumerable.Range(first + round * lives, given is null ? lives : 1),
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
                async (seed, _) =>
                {
                    await using var life = await RandomLife.CreateAsync(seed, provider, storage.ConnectionString);
                    try
                    {
                        await life.LiveAsync();
                    }
#pragma warning disable CA1031 // Whatever it was: it is told with the seed that brings it back.
                    catch (Exception fault)
#pragma warning restore CA1031
                    {
                        faults.Add($"PORTABILITY_SEED={seed} ({provider})\n{fault}\n{life}");
                    }
                    Interlocked.Increment(ref lived);
                    Interlocked.Add(ref kills, life.Kills);
                    Interlocked.Add(ref holds, life.Holds);
                    Interlocked.Add(ref runs, life.Runs);
                }
            );
        }
        output.WriteLine($"{provider}: {lived} lives from seed {first}: {runs} runs, {kills} kills, {holds} holds");
        Assert.True(faults.IsEmpty, $"{faults.Count} of {lived} lives failed.\n{string.Join('\n', faults)}");
        // One in two lives is killed, and one in two is held, or the test would prove little.
        Assert.True(given is not null || AreEnough(), $"{kills} kills, {holds} holds");

        bool AreEnough() => kills > lived / 2 && holds > lived / 2;
    }
}
