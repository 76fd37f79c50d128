using FsCheck;
using Microsoft.FSharp.Core;

namespace Portability.Tests.Terminations;

/// <summary>Property tests draw the same samples every time; a failure names the seed of its shrunk sample.</summary>
internal static class Seeded
{
    private const ulong Seed = 20270331;

    // A gamma is odd.
    private const ulong Gamma = 9;

    public static Config Runs(int tests) =>
        Config
            .QuickThrowOnFailure.WithMaxTest(tests)
            .WithReplay(new FSharpOption<Replay>(new Replay(new Rnd(Seed, Gamma), FSharpOption<int>.None)));
}
