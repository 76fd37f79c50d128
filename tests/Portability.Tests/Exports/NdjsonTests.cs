using System.Text.Json;
using Portability.Exports;

namespace Portability.Tests.Exports;

[Collection(ExportTests.Name)]
public sealed class NdjsonTests(ExportHouse house)
{
    [Fact]
    public async Task Ndjson_OfHostileTexts_HasOneRowALineWithTheValuesOfJson()
    {
        var source = HostileSource.Create(house);
        source.AddItem(1, "label", "two\nlines \r\n \u2028 \"quoted\" 😀");
        source.AddItem(2, "doc", "{\r\n  \"a\": [1,\n2.50, \"x\\ny\"]\n}");
        source.AddItem(3, "label", "");
        var folder = await source.ExportAsync(ExportFormats.Json, ExportFormats.Ndjson);

        var lines = await File.ReadAllLinesAsync(Path.Combine(folder, "ndjson", "items.ndjson"));
        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "json", "items.json")));
        Assert.Equal(3, lines.Length);
        foreach (var (line, row) in lines.Zip(json.RootElement.EnumerateArray()))
        {
            using var parsed = JsonDocument.Parse(line);
            Assert.True(JsonElement.DeepEquals(row, parsed.RootElement), line);
        }
    }

    [Fact]
    public async Task Ndjson_OfADocument_NestsAsJsonDoes()
    {
        var source = HostileSource.Create(house);
        source.AddItem(1, "region", "se");
        source.AddItem(2, "label", "x");
        source.Run("INSERT INTO notes VALUES (1, 'a', 'first'), (1, 'b', NULL)");
        var folder = await source.ExportAsync(ExportFormats.Json, ExportFormats.Ndjson);

        var documents = Path.Combine(folder, "documents");
        var lines = await File.ReadAllTextAsync(Path.Combine(documents, "items-with-notes.ndjson"));
        var array = await File.ReadAllTextAsync(Path.Combine(documents, "items-with-notes.json"));
        Assert.Equal(array, $"[\n{lines.TrimEnd('\n').Replace("\n", ",\n", StringComparison.Ordinal)}\n]\n");
    }
}
