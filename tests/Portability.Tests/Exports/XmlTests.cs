using System.Text;
using System.Xml.Linq;
using Portability.Exports;

namespace Portability.Tests.Exports;

/// <summary>XML that xmllint finds valid by the XSD of the export, with the values of the source.</summary>
[Collection(ExportTests.Name)]
public sealed class XmlTests(ExportHouse house)
{
    private static readonly XNamespace Xsi = "http://www.w3.org/2001/XMLSchema-instance";

    [Fact]
    public async Task Xml_OfHostileTexts_IsValidAndReadsBackExactly()
    {
        var source = HostileSource.Create(house);
        string[] texts = [.. HostileTexts.All, "]]> &amp; <a/> \u0085\u2028\uFEFF", "bell \u0007", "\uFFFE\uFFFF"];
        for (var i = 0; i < texts.Length; i++)
        {
            source.AddItem(i + 1, "label", texts[i]);
        }

        var rows = await RowsAsync(source);

        Assert.Equal(texts, rows.Select(row => Text(row.Element("label")!)));
        Assert.Equal(3, rows.Count(row => row.Element("label")!.Attribute("encoding") is not null));
    }

    [Fact]
    public async Task Xml_OfEveryType_IsValidAndTellsNullFromEmpty()
    {
        var source = HostileSource.Create(house);
        source.AddItem(1, "label", "");
        source.AddItem(2, "flag", 1L);
        source.AddItem(3, "flag", 7L);
        source.AddItem(4, "number", double.NegativeInfinity);
        source.AddItem(5, "number", 1e300);
        source.AddItem(6, "whole", "not a number");
        source.AddItem(7, "data", new byte[] { 0, 255 });
        source.AddItem(8, "data", Array.Empty<byte>());
        source.AddItem(9, "odd \"name\", =1+1", "x");
        source.AddItem(10, "day", "2026-02-29");
        source.AddItem(11, "amount", 0.1);
        source.AddItem(12, "anything", new byte[] { 1 });

        var rows = await RowsAsync(source);

        XElement Of(int id, string column) => rows[id - 1].Element(column)!;
        Assert.Equal(("", null), (Of(1, "label").Value, Of(1, "label").Attribute(Xsi + "nil")?.Value));
        Assert.Equal("true", Of(2, "label").Attribute(Xsi + "nil")?.Value);
        Assert.Equal(["true", "7"], [Of(2, "flag").Value, Of(3, "flag").Value]);
        Assert.Equal(["-INF", "1E+300"], [Of(4, "number").Value, Of(5, "number").Value]);
        Assert.Equal("not a number", Of(6, "whole").Value);
        Assert.Equal(("AP8=", "base64"), (Of(7, "data").Value, Of(7, "data").Attribute("encoding")?.Value));
        Assert.Equal("", Of(8, "data").Value);
        Assert.Equal("x", Of(9, System.Xml.XmlConvert.EncodeLocalName("odd \"name\", =1+1")).Value);
        Assert.Equal(["2026-02-29", "0.1"], [Of(10, "day").Value, Of(11, "amount").Value]);
        Assert.Equal("base64", Of(12, "anything").Attribute("encoding")?.Value);
    }

    [Fact]
    public async Task Xml_OfADocument_IsValidAndNests()
    {
        var source = HostileSource.Create(house);
        source.AddItem(1, "region", "se");
        source.AddItem(2, "label", "x");
        source.Run("INSERT INTO notes VALUES (1, 'a', 'first'), (1, 'b', NULL)");
        var folder = await source.ExportAsync(ExportFormats.Xml);

        var root = await ValidAsync(folder, "documents", "items-with-notes");

        var rows = root.Elements("row").ToList();
        Assert.Equal(
            ["first", ""],
            rows[0].Element("notes")!.Elements("row").Select(note => note.Element("body")!.Value)
        );
        Assert.Equal("Sverige", rows[0].Element("where")!.Element("name")!.Value);
        Assert.Empty(rows[1].Element("notes")!.Elements());
        Assert.Equal("true", rows[1].Element("where")!.Attribute(Xsi + "nil")?.Value);
    }

    [Fact]
    public async Task Xsd_OfAnotherTable_DoesNotFit()
    {
        var source = HostileSource.Create(house);
        source.AddItem(1, "label", "x");
        var folder = await source.ExportAsync(ExportFormats.Xml);

        await Assert.ThrowsAnyAsync<Exception>(() => ValidateAsync(folder, "notes", Path.Combine("xml", "items.xml")));
    }

    [Theory]
    [InlineData("CAST(X'610062' AS TEXT)", "NUL")]
    [InlineData("CAST(X'61FF62' AS TEXT)", "UTF-8")]
    public async Task Xml_OfATextItCannotHold_NamesThePlace(string expression, string reason)
    {
        var source = HostileSource.Create(house);
        source.Run($"INSERT INTO items (id, tenant_id, label) VALUES (5, 1, 'fine'), (6, 1, {expression})");

        var fault = await Assert.ThrowsAsync<UnwritableValueException>(() => source.ExportAsync(ExportFormats.Xml));

        Assert.Equal(("items", "label", 2L), (fault.Table, fault.Column, fault.Row));
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }

    private static string Text(XElement element) =>
        element.Attribute("encoding")?.Value == "base64-text"
            ? Encoding.UTF8.GetString(Convert.FromBase64String(element.Value))
            : element.Value;

    private static async Task<IReadOnlyList<XElement>> RowsAsync(HostileSource source)
    {
        var root = await ValidAsync(await source.ExportAsync(ExportFormats.Xml), "xml", "items");
        return [.. root.Elements("row")];
    }

    private static async Task<XElement> ValidAsync(string folder, string kind, string name)
    {
        var path = Path.Combine(kind, name + ".xml");
        await ValidateAsync(folder, name, path);
        var root = XDocument.Load(Path.Combine(folder, path), LoadOptions.PreserveWhitespace).Root!;
        Assert.Equal($"../schemas/{name}.xsd", root.Attribute(Xsi + "noNamespaceSchemaLocation")!.Value);
        return root;
    }

    private static Task ValidateAsync(string folder, string schema, string path) =>
        Tool.RunQuietlyAsync(
            "xmllint",
            ["--huge", "--noout", "--schema", Path.Combine("schemas", schema + ".xsd"), path],
            workingDirectory: folder
        );
}
