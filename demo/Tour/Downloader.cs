using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Portability.Demo.Tour;

/// <summary>Fetches an export as its customer does: each file by its own link, with a plain HTTP client and no credentials.</summary>
internal sealed class Downloader(string folder) : IDisposable
{
    private const int AtATime = 4;
    private readonly HttpClient http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly string folder = Path.GetFullPath(folder);

    /// <summary>Downloads all files, keeping their relative paths.</summary>
    /// <returns>Files whose size or SHA-256 is not what the link's answer said.</returns>
    public async Task<IReadOnlyList<string>> DownloadAsync(
        JsonArray links,
        Action<long, long, string> progress,
        CancellationToken ct
    )
    {
        List<string> wrong = [];
        long done = 0;
        long bytes = 0;
        await Parallel.ForEachAsync(
            links,
            new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = ct },
            async (link, token) =>
            {
                string file = link!["file"]!.GetValue<string>();
                (long size, string sha256) = await FetchAsync(file, link["url"]!.GetValue<string>(), token);
                bool right = size == link["size"]!.GetValue<long>() && sha256 == link["sha256"]!.GetValue<string>();
                lock (wrong)
                {
                    if (!right)
                    {
                        wrong.Add(file);
                    }

                    bytes += size;
                    progress(
                        ++done,
                        links.Count,
                        string.Create(CultureInfo.InvariantCulture, $"files, {bytes:N0} bytes")
                    );
                }
            }
        );
        return wrong;
    }

    /// <summary>Checks every line of <c>SHA256SUMS</c> against the files on disk, and that no file is without a line.</summary>
    /// <returns>Number of files checked, and what is wrong.</returns>
    public async Task<(int Checked, IReadOnlyList<string> Wrong)> CheckSumsAsync(CancellationToken ct)
    {
        List<string> wrong = [];
        HashSet<string> listed = new(StringComparer.Ordinal) { Path.Combine(folder, "SHA256SUMS") };
        foreach (string line in await File.ReadAllLinesAsync(Path.Combine(folder, "SHA256SUMS"), ct))
        {
            // sha256sum marks a line whose name it had to escape with a backslash.
            bool escaped = line.StartsWith('\\');
            string hash = line.Substring(escaped ? 1 : 0, 64);
            string name = line[((escaped ? 1 : 0) + 66)..];
            name = escaped
                ? name.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal)
                : name;
            string path = PathOf(name);
            listed.Add(path);
            if (!File.Exists(path) || await HashAsync(path, ct) != hash)
            {
                wrong.Add(name);
            }
        }

        int count = listed.Count - 1;
        wrong.AddRange(Files().Where(file => !listed.Contains(file)).Select(file => $"{file} has no line"));
        return (count, wrong);
    }

    /// <summary>All files downloaded.</summary>
    public IEnumerable<string> Files() => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories);

    public static async Task<string> HashAsync(string path, CancellationToken ct)
    {
        await using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, ct));
    }

    public void Dispose() => http.Dispose();

    /// <summary>Whether a link no longer gives its file.</summary>
    public async Task<bool> IsDeadAsync(string url, CancellationToken ct)
    {
        using HttpResponseMessage response = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, ct);
        return !response.IsSuccessStatusCode;
    }

    private async Task<(long Size, string Sha256)> FetchAsync(string file, string url, CancellationToken ct)
    {
        string path = PathOf(file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using HttpResponseMessage response = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, ct);
        if (!response.IsSuccessStatusCode)
        {
            throw new TourException($"The link of {file} answered {(int)response.StatusCode} {response.ReasonPhrase}.");
        }

        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using Stream source = await response.Content.ReadAsStreamAsync(ct);
        await using FileStream target = File.Create(path);
        byte[] buffer = new byte[128 * 1024];
        long size = 0;
        for (int read; (read = await source.ReadAsync(buffer, ct)) > 0; size += read)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            await target.WriteAsync(buffer.AsMemory(0, read), ct);
        }

        return (size, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>A path below the folder, whatever the name says.</summary>
    private string PathOf(string name)
    {
        string path = Path.GetFullPath(Path.Combine(folder, name));
        return path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new TourException($"The export names a file outside of its folder: {name}");
    }
}
