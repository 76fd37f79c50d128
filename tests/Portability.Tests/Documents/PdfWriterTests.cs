using System.Text;
using System.Text.RegularExpressions;
using Portability.Documents;
using Portability.Documents.Pdf;
using Portability.Tests.Exports;

namespace Portability.Tests.Documents;

/// <summary>PDF files as poppler and qpdf, which know nothing of us, read them.</summary>
public sealed class PdfWriterTests : IDisposable
{
    private static readonly DocumentFacts Facts = new()
    {
        Title = "Rapport för Åsa Ødegård",
        Reference = "case-1 · export 2",
        Language = "sv",
        PageLabel = "Sida {0} av {1}",
    };

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("portability-pdf-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("Åsa Öström-Ängström, Øystein Bjørnstad, Þórdís Ðuríð, Łukasz Żółć")]
    [InlineData("Dvořák Šťastný Ľubomír Ősz Ğüneş İpek Ștefan Țepeș Ķēniņš Žemaitė Ħamrun Ŵyn Ẁ")]
    [InlineData("Παπαδόπουλος Ελένη ΐΰ, Щукин Ёлка Ївга Љубица Ѓорѓи, Հայկ, ქართული")]
    [InlineData("½ € £ „citat” – tankstreck — … ‘’ “” • © ™ ≤ ≠ ∞ № §")]
    public async Task Text_OfEuropeanNames_IsFoundAsItWasWritten(string text)
    {
        Assert.Contains(text, await ReadBackAsync(writer => writer.Paragraph(text)));
    }

    [Fact]
    public async Task Text_WithMarksApartFromTheirLetters_KeepsThemApart()
    {
        var text = "A\u030Asa O\u0308stro\u0308m";
        var found = await ReadBackAsync(writer => writer.Paragraph(text));
        Assert.Contains(text.Normalize(), found.Normalize());
    }

    [Fact]
    public async Task Text_ThatTheFontLacks_IsShownAsReplacementAndReadAsItself()
    {
        var text = "漢字 𝔘𝔫𝔦 🦊 ไทย";
        Assert.Contains(text, await ReadBackAsync(writer => writer.Paragraph(text)));
    }

    [Theory]
    [InlineData("שלום עולם")]
    [InlineData("مرحبا بالعالم")]
    public async Task Text_FromRightToLeft_IsReadInItsOwnOrder(string text)
    {
        Assert.Contains(text, await ReadBackAsync(writer => writer.Paragraph(text)));
    }

    [Fact]
    public async Task Text_OfBothDirections_KeepsItsOrder()
    {
        var found = await ReadBackAsync(writer => writer.Paragraph("Namn: שלום עולם 2024 slut"));
        // Where directions meet, pdftotext puts spaces by its own lights.
        Assert.Contains("Namn:שלוםעולם2024slut", found.Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Controls_AreShownAsReplacementsAndEndNothing()
    {
        var found = await ReadBackAsync(writer => writer.Paragraph("before\u0007\u001bafter (not) \\ <here>"));
        Assert.Contains("before\uFFFD\uFFFDafter (not) \\ <here>", found);
    }

    [Fact]
    public async Task File_IsSoundAndItsFontIsEmbeddedAsSubsetWithUnicode()
    {
        var path = Write(SomePages);
        Assert.Contains("No syntax or stream encoding errors found", await Tool.RunAsync("qpdf", ["--check", path]));
        var fonts = (await Tool.RunAsync("pdffonts", [path])).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches(
            @"^[A-Z]{6}\+DejaVuSansCondensed +CID TrueType +Identity-H +yes yes yes",
            Assert.Single(fonts[2..])
        );
        var information = await Tool.RunAsync("pdfinfo", [path]);
        Assert.Matches("Title: +Rapport för Åsa Ødegård", information);
        Assert.True(new FileInfo(path).Length < 60_000, "The whole font is in the file.");
        Assert.Contains("/Lang (sv)", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(path)));
    }

    [Fact]
    public async Task Pages_EachHaveHeaderNumberAndTableHead()
    {
        var pages = await PagesAsync(Write(SomePages));
        Assert.True(pages.Length > 3, $"{pages.Length} pages");
        for (var i = 0; i < pages.Length; i++)
        {
            Assert.Contains(Facts.Title, pages[i]);
            Assert.Contains(Facts.Reference, pages[i]);
            Assert.Contains($"Sida {i + 1} av {pages.Length}", pages[i]);
            Assert.Matches("Namn +Betyg", pages[i]);
        }

        var rows = Regex.Matches(string.Join('\n', pages), @"Elev nummer (\d+)").Select(match => match.Groups[1].Value);
        Assert.Equal(Enumerable.Range(1, 150).Select(i => i.ToString()), rows);
    }

    [Fact]
    public async Task Words_LongerThanTheirColumn_AreBrokenAndNothingIsLost()
    {
        var word = string.Concat(Enumerable.Range(0, 150).Select(i => $"x{i}"));
        var found = await ReadBackAsync(writer =>
        {
            writer.BeginTable([new("Kolumn", 1, false), new("Annan", 5, false)]);
            writer.Row([word, ""]);
            writer.EndTable();
        });
        Assert.Contains(word, Regex.Replace(found, @"\s", ""));
    }

    [Fact]
    public async Task Row_LongerThanAPage_GoesOnOnTheNext()
    {
        var lines = string.Join('\n', Enumerable.Range(1, 200).Select(i => $"rad {i}."));
        var pages = await PagesAsync(
            Write(writer =>
            {
                writer.BeginTable([new("Text", 1, false)]);
                writer.Row([lines]);
                writer.EndTable();
            })
        );
        Assert.True(pages.Length >= 3, $"{pages.Length} pages");
        var found = Regex.Matches(string.Join('\n', pages), @"rad (\d+)\.").Select(match => match.Groups[1].Value);
        Assert.Equal(Enumerable.Range(1, 200).Select(i => i.ToString()), found);
    }

    [Fact]
    public async Task Row_OfAMegabyte_IsAllThere()
    {
        var words = Enumerable.Range(0, 150_000).Select(i => $"o{i:D5}").ToList();
        var path = Write(writer =>
        {
            writer.BeginTable([new("Text", 1, false)]);
            writer.Row([string.Join(' ', words)]);
            writer.EndTable();
        });
        var text = await Tool.RunAsync("pdftotext", ["-enc", "UTF-8", path, "-"]);
        Assert.Equal(words, Regex.Matches(text, @"\bo\d{5,6}\b").Select(match => match.Value));
    }

    [Fact]
    public void Document_WrittenTwice_HasTheSameBytes()
    {
        Assert.Equal(File.ReadAllBytes(Write(SomePages)), File.ReadAllBytes(Write(SomePages)));
    }

    [Fact]
    public async Task Document_WithoutContent_IsOneEmptyPage()
    {
        var pages = await PagesAsync(Write(_ => { }));
        Assert.Contains("Sida 1 av 1", Assert.Single(pages));
    }

    private static void SomePages(IDocumentWriter writer)
    {
        writer.Heading("Betyg", 1);
        writer.Paragraph("Alla elever i kursen.");
        writer.BeginTable([new("Namn", 3, false), new("Betyg", 1, true)]);
        for (var i = 1; i <= 150; i++)
        {
            writer.Row([$"Elev nummer {i}", i % 3 == 0 ? "VG" : "G"]);
        }

        writer.EndTable();
    }

    private string Write(Action<IDocumentWriter> write)
    {
        var path = Path.Combine(folder.FullName, $"{Guid.NewGuid():N}.pdf");
        using var file = File.Create(path);
        using var writer = new PdfWriter(file, Facts);
        write(writer);
        writer.End();
        return path;
    }

    /// <summary>The text layer, without the marks that pdftotext puts around text from right to left.</summary>
    private async Task<string> ReadBackAsync(Action<IDocumentWriter> write) =>
        Regex.Replace(string.Join('\n', await PagesAsync(Write(write))), "[\u202A-\u202E]", "");

    private static async Task<string[]> PagesAsync(string path) =>
        (await Tool.RunAsync("pdftotext", ["-layout", "-enc", "UTF-8", path, "-"])).Split('\f')[..^1];
}
