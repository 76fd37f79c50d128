using System.Globalization;
using System.Security;

namespace Portability.Documents.Docx;

/// <summary>The parts of a Word package that hold no rows: types, relations, styles, header, footer, properties.</summary>
internal static class DocxParts
{
    public const string HeaderId = "rIdHeader";
    public const string FooterId = "rIdFooter";

    private const string Declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
    private const string Word = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
    private const string Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Package = "http://schemas.openxmlformats.org/package/2006";
    private const string Type = "application/vnd.openxmlformats-officedocument.wordprocessingml";

    /// <summary>Path and content, in the order of the package.</summary>
    public static IEnumerable<(string Path, string Content)> All(DocumentFacts facts)
    {
        yield return ("[Content_Types].xml", Declaration + ContentTypes);
        yield return ("_rels/.rels", Declaration + PackageRelations);
        yield return ("word/_rels/document.xml.rels", Declaration + DocumentRelations);
        yield return ("docProps/core.xml", Declaration + Properties(facts));
        yield return ("word/styles.xml", Declaration + Styles(facts));
        yield return ("word/header1.xml", Declaration + Header(facts));
        yield return ("word/footer1.xml", Declaration + Footer(facts));
    }

    private static string ContentTypes =>
        $"""
            <Types xmlns="{Package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="{Type}.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="{Type}.styles+xml"/><Override PartName="/word/header1.xml" ContentType="{Type}.header+xml"/><Override PartName="/word/footer1.xml" ContentType="{Type}.footer+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>
            """;

    private static string PackageRelations =>
        $"""
            <Relationships xmlns="{Package}/relationships"><Relationship Id="rId1" Type="{Relations}/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" Type="{Package}/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>
            """;

    private static string DocumentRelations =>
        $"""
            <Relationships xmlns="{Package}/relationships"><Relationship Id="rIdStyles" Type="{Relations}/styles" Target="styles.xml"/><Relationship Id="{HeaderId}" Type="{Relations}/header" Target="header1.xml"/><Relationship Id="{FooterId}" Type="{Relations}/footer" Target="footer1.xml"/></Relationships>
            """;

    private static string Properties(DocumentFacts facts) =>
        $"""
            <cp:coreProperties xmlns:cp="{Package}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{Text(
                facts.Title
            )}</dc:title><dc:creator>{Text(facts.Producer)}</dc:creator><dc:language>{Text(
                facts.Language
            )}</dc:language></cp:coreProperties>
            """;

    private static string Styles(DocumentFacts facts)
    {
        // Half points, which the format counts in.
        var size = ((int)Math.Round(facts.FontSize * 2)).ToString(CultureInfo.InvariantCulture);
        var small = ((int)Math.Round(facts.FontSize * 2) - 1).ToString(CultureInfo.InvariantCulture);
        var language = Text(facts.Language);
        string Paragraph(string id, string name, string paragraph, string run) =>
            $"<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/><w:basedOn w:val=\"Normal\"/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>";
        return $"""
                <w:styles {Word}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial"/><w:sz w:val="{size}"/><w:szCs w:val="{size}"/><w:lang w:val="{language}"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:pPr><w:spacing w:after="80"/></w:pPr></w:style>
                """
            + Paragraph("Title", "Title", "<w:keepNext/><w:spacing w:after=\"160\"/>", "<w:b/><w:sz w:val=\"32\"/>")
            + Paragraph(
                "Heading1",
                "heading 1",
                "<w:keepNext/><w:spacing w:before=\"160\"/>",
                "<w:b/><w:sz w:val=\"24\"/>"
            )
            + Paragraph(
                "Heading2",
                "heading 2",
                "<w:keepNext/><w:spacing w:before=\"120\"/>",
                "<w:b/><w:sz w:val=\"20\"/>"
            )
            + Paragraph("TableText", "Table Text", "<w:spacing w:after=\"0\"/>", $"<w:sz w:val=\"{small}\"/>")
            + Paragraph("TableHead", "Table Head", "<w:spacing w:after=\"0\"/>", $"<w:b/><w:sz w:val=\"{small}\"/>")
            + """
                <w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/></w:style><w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders><w:top w:val="single" w:sz="4" w:space="0" w:color="999999"/><w:bottom w:val="single" w:sz="4" w:space="0" w:color="999999"/><w:insideH w:val="single" w:sz="4" w:space="0" w:color="999999"/></w:tblBorders></w:tblPr></w:style></w:styles>
                """;
    }

    private static string Header(DocumentFacts facts)
    {
        var tab = ((int)(facts.Paper.Width * 20) - 1680).ToString(CultureInfo.InvariantCulture);
        return $"""
            <w:hdr {Word}><w:p><w:pPr><w:tabs><w:tab w:val="right" w:pos="{tab}"/></w:tabs></w:pPr>{Run(
                facts.Title
            )}<w:r><w:tab/></w:r>{Run(facts.Reference)}</w:p></w:hdr>
            """;
    }

    /// <summary>Number of the page and of all pages: fields, which the reader's program fills in.</summary>
    private static string Footer(DocumentFacts facts)
    {
        var runs = facts
            .PageLabel.Split(["{0}", "{1}"], StringSplitOptions.None)
            .SelectMany(
                (words, i) => i == 0 ? [Run(words)] : new[] { Field(i == 1 ? "PAGE" : "NUMPAGES"), Run(words) }
            );
        return $"""
            <w:ftr {Word}><w:p><w:pPr><w:jc w:val="center"/></w:pPr>{string.Concat(runs)}</w:p></w:ftr>
            """;
    }

    private static string Field(string name) =>
        $"<w:fldSimple w:instr=\"{name}\"><w:r><w:t>1</w:t></w:r></w:fldSimple>";

    private static string Run(string text) =>
        text.Length == 0 ? "" : $"<w:r><w:t xml:space=\"preserve\">{Text(text)}</w:t></w:r>";

    private static string Text(string text) => SecurityElement.Escape(text);
}
