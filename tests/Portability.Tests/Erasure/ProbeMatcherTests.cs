using FsCheck;
using FsCheck.Fluent;
using Portability.Erasure;

namespace Portability.Tests.Erasure;

public sealed class ProbeMatcherTests
{
    private static readonly string[] Few = ["ann@leaver.se", "anna berg", "anna bergman", "ann@leaver.se.example"];

    [Theory]
    [InlineData("Write to Ann@Leaver.SE, please", new[] { 0 })]
    [InlineData("ann@leaver.se.example", new[] { 0, 3 })]
    [InlineData("joann@leaver.se", new int[0])]
    [InlineData("Anna Bergman", new[] { 2 })]
    [InlineData("(ANNA BERG)/anna berg", new[] { 1, 1 })]
    [InlineData("ann@leave", new int[0])]
    [InlineData("", new int[0])]
    public void Find_InAText_GivesWhatStandsByItself(string text, int[] expected)
    {
        var found = new List<int>();

        new ProbeMatcher(Few).Find(text, found);

        Assert.Equal(expected, found.Order());
    }

    [Fact]
    public void Find_OfManyProbes_AgreesWithLookingForEach() =>
        Prop.ForAll(
                ArbMap.Default.ArbFor<int>(),
                seed =>
                {
                    var random = new Random(seed);
                    string Word(int length) =>
                        string.Concat(Enumerable.Range(0, length).Select(_ => "ab @."[random.Next(5)]));
                    var probes = Enumerable.Range(0, 50).Select(_ => Word(random.Next(6, 9))).Distinct().ToList();
                    var text = Word(200);
                    var found = new List<int>();
                    new ProbeMatcher(probes).Find(text, found);
                    var expected = probes
                        .Select((probe, index) => (probe, index))
                        .Where(pair => Stands(text, pair.probe))
                        .Select(pair => pair.index);
                    Assert.Equal(expected, found.Distinct().Order());
                }
            )
            .QuickCheckThrowOnFailure();

    private static bool Stands(string text, string probe)
    {
        for (var at = 0; (at = text.IndexOf(probe, at, StringComparison.Ordinal)) >= 0; at++)
        {
            var end = at + probe.Length;
            if (
                (at == 0 || !char.IsLetterOrDigit(text[at - 1]))
                && (end == text.Length || !char.IsLetterOrDigit(text[end]))
            )
            {
                return true;
            }
        }
        return false;
    }
}
