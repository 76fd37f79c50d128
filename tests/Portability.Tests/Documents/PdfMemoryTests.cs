using System.Security.Cryptography;
using Portability.Documents;
using Portability.Documents.Pdf;

namespace Portability.Tests.Documents;

/// <summary>What a long PDF file keeps in memory. Alone, as what is measured is the memory of the whole process.</summary>
[Collection(nameof(PdfMemoryTests))]
[CollectionDefinition(nameof(PdfMemoryTests), DisableParallelization = true)]
public sealed class PdfMemoryTests
{
    private static readonly DocumentFacts Facts = new()
    {
        Title = "Rapport",
        Reference = "case-1 · export 2",
        Language = "sv",
        PageLabel = "Sida {0} av {1}",
    };

    [Fact]
    public void Memory_DoesNotGrowWithTheDocument()
    {
        Kept(100);
        // Some 800 pages more: their content alone would take megabytes. What fixtures of other tests leave to end by themselves can
        // disturb one round, not most of them.
        var grown = Enumerable.Range(0, 5).Select(_ => Kept(32_000) - Kept(2_000)).Order().ToList();
        Assert.True(grown[2] < 1_000_000, $"{string.Join(", ", grown)} bytes more are kept");
    }

    private static long Kept(int rows)
    {
        using var sink = new CryptoStream(Stream.Null, SHA256.Create(), CryptoStreamMode.Write);
        using var writer = new PdfWriter(sink, Facts);
        writer.BeginTable([new("Namn", 3, false), new("Betyg", 1, true)]);
        for (var i = 0; i < rows; i++)
        {
            writer.Row([$"Elev nummer {i}", "VG"]);
        }

        var kept = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(writer);
        return kept;
    }
}
