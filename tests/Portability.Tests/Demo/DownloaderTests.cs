using System.Security.Cryptography;
using System.Text;
using Portability.Demo.Tour;

namespace Portability.Tests.Demo;

public sealed class DownloaderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("downloads-").FullName;

    [Fact]
    public async Task CheckSums_OfUntouchedFiles_Hold()
    {
        await WriteAsync(("a.txt", "one"), ("sub/ö b.txt", "two"));
        using Downloader downloader = new(folder);

        (int count, IReadOnlyList<string> wrong) = await downloader.CheckSumsAsync(default);

        Assert.Equal(2, count);
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task CheckSums_OfAChangedMissingOrUnlistedFile_NameIt()
    {
        await WriteAsync(("changed.txt", "one"), ("missing.txt", "two"), ("fine.txt", "three"));
        await File.WriteAllTextAsync(Path.Combine(folder, "changed.txt"), "another");
        File.Delete(Path.Combine(folder, "missing.txt"));
        await File.WriteAllTextAsync(Path.Combine(folder, "unlisted.txt"), "");
        using Downloader downloader = new(folder);

        (_, IReadOnlyList<string> wrong) = await downloader.CheckSumsAsync(default);

        Assert.Equal(3, wrong.Count);
        Assert.Contains("changed.txt", wrong);
        Assert.Contains("missing.txt", wrong);
        Assert.Contains(wrong, line => line.Contains("unlisted.txt"));
    }

    [Fact]
    public async Task CheckSums_WithANameThatSha256sumEscapes_FindTheFile()
    {
        string name = "back\\slash";
        await File.WriteAllTextAsync(Path.Combine(folder, name), "x");
        await File.WriteAllTextAsync(Path.Combine(folder, "SHA256SUMS"), $"\\{Hash("x")}  back\\\\slash\n");
        using Downloader downloader = new(folder);

        Assert.Empty((await downloader.CheckSumsAsync(default)).Wrong);
    }

    [Fact]
    public async Task CheckSums_NamingAFileOutsideOfTheFolder_AreRefused()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "SHA256SUMS"), $"{Hash("x")}  ../elsewhere.txt\n");
        using Downloader downloader = new(folder);

        await Assert.ThrowsAsync<TourException>(() => downloader.CheckSumsAsync(default));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task WriteAsync(params (string Name, string Text)[] files)
    {
        StringBuilder sums = new();
        foreach ((string name, string text) in files)
        {
            string path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, text);
            sums.Append($"{Hash(text)}  {name}\n");
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "SHA256SUMS"), sums.ToString());
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
