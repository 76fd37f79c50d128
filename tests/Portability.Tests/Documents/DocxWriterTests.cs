using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Validation;
using Portability.Demo;
using Portability.Documents;
using Portability.Documents.Docx;
using Portability.Tests.Exports;

namespace Portability.Tests.Documents;

/// <summary>Word documents as Microsoft's validator and mammoth read them.</summary>
public sealed class DocxWriterTests : IDisposable
{
    private static readonly DocumentFacts Facts = new()
    {
        Title = "Rapport för Åsa <Ødegård> & Söner",
        Reference = "case-1",
        Language = "sv",
        PageLabel = "Sida {0} av {1}",
        Paper = PaperSize.Landscape,
    };

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("portability-docx-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Document_IsValidWord()
    {
        using var document = WordprocessingDocument.Open(Write(SomeContent), isEditable: false);
        Assert.Empty(
            new OpenXmlValidator(DocumentFormat.OpenXml.FileFormatVersions.Office2019)
                .Validate(document)
                .Select(error => $"{error.Part?.Uri} {error.Path?.XPath}: {error.Description}")
        );
        Assert.Contains("Rapport för Åsa", document.MainDocumentPart!.HeaderParts.Single().Header.InnerText);
        Assert.Contains("PAGE", document.MainDocumentPart.FooterParts.Single().Footer.OuterXml);
        Assert.Equal(Facts.Title, document.PackageProperties.Title);
    }

    [Fact]
    public async Task Text_ReadByMammoth_IsWhatWasWritten()
    {
        var text = await Docx.TextAsync(Write(SomeContent));
        Assert.Contains("漢字 שלום 🦊 Ångström \"citat\" <b>&amp;</b>  två mellanslag", text);
        Assert.Contains("före\uFFFDefter", text);
        // A break inside a paragraph counts as no text there.
        Assert.Contains("rad ettrad två", text);
        Assert.Contains("rad ett<br />rad två", await Docx.HtmlAsync(Write(SomeContent)));
        Assert.Contains("Elev 150", text);
    }

    [Fact]
    public void Document_WrittenTwice_HasTheSameBytes() =>
        Assert.Equal(File.ReadAllBytes(Write(SomeContent)), File.ReadAllBytes(Write(SomeContent)));

    [Fact]
    public void Document_WithoutContent_IsValidToo()
    {
        using var document = WordprocessingDocument.Open(Write(_ => { }), isEditable: false);
        Assert.Empty(new OpenXmlValidator().Validate(document));
    }

    private static void SomeContent(IDocumentWriter writer)
    {
        writer.Heading("Betyg", 1);
        writer.Paragraph("漢字 שלום 🦊 Ångström \"citat\" <b>&amp;</b>  två mellanslag");
        writer.Paragraph("före\u0007efter");
        writer.Paragraph("rad ett\nrad två");
        writer.NewPage();
        writer.Heading("Tabell", 2);
        writer.BeginTable([new("Namn", 3, false), new("Betyg", 1, true)]);
        for (var i = 1; i <= 150; i++)
        {
            writer.Row([$"Elev {i}", "5"]);
        }

        writer.EndTable();
        writer.NewPage();
        writer.BeginTable([new("Ensam", 1, false)]);
        writer.EndTable();
    }

    private string Write(Action<IDocumentWriter> write)
    {
        var path = Path.Combine(folder.FullName, $"{Guid.NewGuid():N}.docx");
        using var file = File.Create(path);
        using var writer = new DocxWriter(file, Facts);
        write(writer);
        writer.End();
        return path;
    }
}

/// <summary>Reads Word documents with mammoth, from npm.</summary>
internal static class Docx
{
    /// <summary>The text, a blank line after each paragraph.</summary>
    public static Task<string> TextAsync(string path) => ReadAsync("extractRawText", path);

    public static Task<string> HtmlAsync(string path) => ReadAsync("convertToHtml", path);

    private static Task<string> ReadAsync(string how, string path) =>
        Tool.RunAsync(
            "node",
            ["-e", $"require('mammoth').{how}({{path:process.argv[1]}}).then(r=>process.stdout.write(r.value))", path],
            workingDirectory: Path.GetDirectoryName(Checkout.Find("package.json"))
        );
}
