using System.IO.Compression;
using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Schema;

namespace Portability.Demo.Tour;

/// <summary>Opens one file of each further format, with what the framework has to read it, and counts.</summary>
internal sealed class FormatChecks(string folder, Promises promises)
{
    public void OneOfEach(JsonNode manifest)
    {
        Check(manifest, "xlsx", "a workbook opens and has every row", (path, rows) => RowsOfWorkbook(path) == rows);
        Check(manifest, "xml", "an XML document is valid by its XSD and has every row", IsValid);
        // The framework reads no Parquet: the tests do, with others' readers.
        Check(
            manifest,
            "oneroster",
            "a OneRoster exchange opens and has every file that its manifest names",
            IsExchange
        );
        Check(manifest, "parquet", "a Parquet file is whole", (path, _) => IsWholeParquet(path));
    }

    private void Check(JsonNode manifest, string format, string promise, Func<string, long, bool> holds)
    {
        JsonNode? file = manifest["datasets"]!
            .AsArray()
            .SelectMany(dataset => dataset!["files"]!.AsArray())
            .Where(file => file!["format"]!.GetValue<string>() == format)
            .MaxBy(file => file!["rows"]!.GetValue<long>());
        if (file is null)
        {
            promises.Expect($"the export holds {format}", false);
            return;
        }

        string path = file["path"]!.GetValue<string>();
        string? fault = null;
        try
        {
            fault = holds(path, file["rows"]!.GetValue<long>()) ? null : path;
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or XmlException or XmlSchemaException)
        {
            fault = $"{path}: {unreadable.Message}";
        }

        promises.Expect(promise, fault is null, fault ?? "");
    }

    private long RowsOfWorkbook(string path)
    {
        using ZipArchive workbook = ZipFile.OpenRead(Path.Combine(folder, path));
        long rows = 0;
        foreach (ZipArchiveEntry sheet in workbook.Entries.Where(part => part.FullName.Contains("/worksheets/")))
        {
            using XmlReader reader = XmlReader.Create(sheet.Open());
            rows += Rows(reader) - 1; // The header.
        }

        return rows;
    }

    private bool IsValid(string path, long rows)
    {
        string schema = Path.Combine(folder, "schemas", Path.GetFileNameWithoutExtension(path) + ".xsd");
        XmlReaderSettings settings = new() { ValidationType = ValidationType.Schema };
        settings.Schemas.Add(null, schema);
        using XmlReader reader = XmlReader.Create(Path.Combine(folder, path), settings);
        return Rows(reader, depth: 1) == rows;
    }

    private static long Rows(XmlReader reader, int? depth = null)
    {
        long rows = 0;
        while (reader.Read())
        {
            bool isRow = reader is { NodeType: XmlNodeType.Element, LocalName: "row" };
            rows += isRow && (depth is null || reader.Depth == depth) ? 1 : 0;
        }

        return rows;
    }

    /// <summary>What is said to be there is there, with rows in all files together as the export counts them.</summary>
    private bool IsExchange(string path, long rows)
    {
        using ZipArchive exchange = ZipFile.OpenRead(Path.Combine(folder, path));
        string[] said =
        [
            .. Lines(exchange.GetEntry("manifest.csv")!)
                .Where(line =>
                    line.StartsWith("file.", StringComparison.Ordinal)
                    && line.EndsWith(",bulk", StringComparison.Ordinal)
                )
                .Select(line => line["file.".Length..^",bulk".Length] + ".csv"),
        ];
        return said.Order()
                .SequenceEqual(
                    exchange.Entries.Select(file => file.FullName).Where(name => name != "manifest.csv").Order()
                )
            && said.Sum(name => Lines(exchange.GetEntry(name)!).Count - 1L) == rows;
    }

    private static List<string> Lines(ZipArchiveEntry file)
    {
        using StreamReader reader = new(file.Open());
        return [.. reader.ReadToEnd().Split("\r\n", StringSplitOptions.RemoveEmptyEntries)];
    }

    private bool IsWholeParquet(string path)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(folder, path));
        ReadOnlySpan<byte> magic = "PAR1"u8;
        int footer = bytes.Length < 12 ? -1 : BitConverter.ToInt32(bytes, bytes.Length - 8);
        return footer > 0
            && footer <= bytes.Length - 12
            && bytes.AsSpan().StartsWith(magic)
            && bytes.AsSpan().EndsWith(magic);
    }
}
