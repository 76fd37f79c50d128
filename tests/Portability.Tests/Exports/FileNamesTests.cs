using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Portability.Exports;

namespace Portability.Tests.Exports;

public sealed class FileNamesTests
{
    [Theory]
    [InlineData("Föreläsning 1.mp4", "media/Föreläsning 1.mp4")]
    [InlineData("week 1/slides.pdf", "media/week 1/slides.pdf")]
    [InlineData("../../etc/passwd", "media/_/_/etc/passwd")]
    [InlineData("/absolute", "media/absolute")]
    [InlineData("a\nb\\c:d\"e.txt", "media/a_b_c_d_e.txt")]
    [InlineData("con.txt", "media/_con.txt")]
    [InlineData("dots...", "media/dots")]
    [InlineData("", "media/_")]
    [InlineData("invoice\u202Efdp.exe", "media/invoice_fdp.exe")]
    public void Name_OfAnyKind_BecomesASafePath(string name, string path) =>
        Assert.Equal(path, new FileNames().Take("media", name));

    [Fact]
    public void Names_ThatAFileSystemMayTakeForTheSame_StayApart()
    {
        var names = new FileNames();

        var paths = new[] { "a.txt", "A.TXT", "a.txt", "å.txt", "a\u030A.txt", "a (2).txt" }
            .Select(name => names.Take("media", name))
            .ToList();

        Assert.Equal(
            [
                "media/a.txt",
                "media/A (2).TXT",
                "media/a (3).txt",
                "media/å.txt",
                "media/a\u030A (2).txt",
                "media/a (2) (2).txt",
            ],
            paths
        );
    }

    [Fact]
    public void Name_ThatIsTooLong_KeepsItsExtension()
    {
        var path = new FileNames().Take("media", new string('å', 300) + ".mp4");

        Assert.EndsWith("å.mp4", path, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(path), 150, 220);
    }

    [Fact]
    public void Names_Whatever_NeverLeaveTheFolderOrMeet() =>
        Prop.ForAll<string[]>(list =>
            {
                var names = new FileNames();
                var paths = list.Select(name => names.Take("m", name ?? "")).ToList();
                return paths.Select(path => path.ToUpperInvariant()).Distinct().Count() == paths.Count
                    && paths.All(path =>
                        Path.GetFullPath(path, "/root").StartsWith("/root/m/", StringComparison.Ordinal)
                        && !path.Split('/').Any(part => part is "" or "." or "..")
                        && !path.Any(char.IsControl)
                    );
            })
            .QuickCheckThrowOnFailure();
}
