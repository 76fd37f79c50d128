using Portability.DataMap;

namespace Portability.Tests.DataMap;

/// <summary>A map that is split over several files is one map, and findings name the file they are about.</summary>
public sealed class MapFilesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("portability-files-").FullName;

    private TenantDataMap Load(string include, params (string Name, string Text)[] parts)
    {
        foreach (var (name, text) in parts)
        {
            string path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
        return MapFile.Load(
            folder,
            $"{{\n{MapFile.Systems}\n\"include\": {include},\n\"datasets\": [{MapFile.Table("orgs")}] }}"
        );
    }

    [Fact]
    public void Load_OfASplitMap_JoinsItsParts()
    {
        TenantDataMap map = Load(
            """["people.json", "parts/rooms.json"]""",
            ("people.json", $$"""{ "categories": { "people": "People" }, "datasets": [{{MapFile.Table("users")}}] }"""),
            ("parts/rooms.json", """{ "$schema": "../x.json", "include": "more.json" }"""),
            (
                "parts/more.json",
                $$"""{ "datasets": [{{MapFile.Table("rooms")}}], "backups": [{ "class": "b", "keepsDays": 1 }] }"""
            )
        );

        Assert.Equal(["datamap.json", "people.json", "parts/more.json"], map.Tables.Select(table => table.Place.File));
        Assert.Equal(["data", "people"], map.Categories.Keys);
        Assert.Equal("b", Assert.Single(map.Backups).Name);
    }

    [Fact]
    public void Load_WithAFaultInAPart_NamesThePartAndItsLine()
    {
        var fault = Assert.Throws<DataMapException>(() =>
            Load(
                """["people.json"]""",
                (
                    "people.json",
                    "{\n\"datasets\": [\n"
                        + MapFile.Table("users", "\"erase\": \"forget\"")
                        + ",\n"
                        + MapFile.Table("orgs")
                        + "] }"
                )
            )
        );

        Assert.Equal(
            [
                "people.json:3 datasets[0].erase (users): 'erase' is missing or not a rule",
                "people.json:4 datasets[1] (orgs): the dataset, document or template 'orgs' appears twice, first at datamap.json:6",
            ],
            fault
                .Problems.Select(problem => problem.ToString())
                .Where(text => !text.Contains("the table", StringComparison.Ordinal))
                .Select(text => text[..text.IndexOf(" Mend:", StringComparison.Ordinal)])
        );
    }

    [Theory]
    [InlineData("""["gone.json"]""", "datamap.json:5 include[0] (file): cannot be read")]
    [InlineData(
        """["people.json", "people.json"]""",
        "datamap.json:5 include[1] (people.json): the file is included twice"
    )]
    [InlineData(
        """["people.json", "datamap.json"]""",
        "datamap.json:5 include[1] (datamap.json): the file is included twice"
    )]
    [InlineData("[7]", "'include' must be a list of files")]
    [InlineData("""["list.json"]""", "list.json:1 $ (data map): must be an object")]
    [InlineData("""["broken.json"]""", "broken.json:2 $ (JSON): not well formed")]
    [InlineData(
        """["other.json"]""",
        "other.json:1 systems (systems): 'systems' is of another kind than in datamap.json"
    )]
    public void Load_OfAnIncludeThatCannotBe_IsRefused(string include, string message)
    {
        var fault = Assert.Throws<DataMapException>(() =>
            Load(
                include,
                ("people.json", "{}"),
                ("list.json", "[]"),
                ("broken.json", "{\n,"),
                ("other.json", """{ "systems": {} }""")
            )
        );

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hash_OfASplitMap_ChangesWithEachPart()
    {
        string first = Load("""["people.json"]""", ("people.json", "{}")).Sha256;
        string again = Load("""["people.json"]""", ("people.json", "{}")).Sha256;
        string changed = Load("""["people.json"]""", ("people.json", "{ }")).Sha256;

        Assert.Equal(first, again);
        Assert.NotEqual(first, changed);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
