using Portability.DataMap;
using Portability.Exports;
using Portability.Tests.DataMap;

namespace Portability.Tests.Exports;

public sealed class FormatCheckTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("portability-formats-").FullName;

    [Fact]
    public void Check_OfFormatsWithoutAWriter_NamesEachWithPlaceAndMend()
    {
        var map = MapFile.Of(
            folder,
            MapFile.Table("orgs"),
            """
            "documents": [{ "name": "tree", "category": "data", "formats": ["json", "csv", "sql"], "root": "orgs" }]
            """
        );

        var fault = Assert.Throws<DataMapException>(() => FormatCheck.Check(map));

        Assert.Equal(["csv", "sql"], fault.Problems.Select(problem => problem.Message.Split('\'')[1]));
        Assert.All(fault.Problems, problem => Assert.Equal("tree", problem.Subject));
        Assert.Contains("ndjson", fault.Problems[0].Mend, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OfWrittenFormats_Passes() =>
        FormatCheck.Check(
            MapFile.Of(
                folder,
                MapFile.Table("orgs", "\"erase\": \"delete\", \"formats\": [\"csv\", \"ndjson\", \"sql\"]")
            )
        );

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
