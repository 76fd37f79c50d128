using System.Text.RegularExpressions;
using Portability.Demo;

namespace Portability.Tests.Docs;

/// <summary>A page of the documentation, as it stands in the repository.</summary>
/// <param name="Path">From the root, with slashes.</param>
/// <param name="Text">The whole page.</param>
internal sealed partial record Page(string Path, string Text)
{
    public static string Root { get; } =
        System.IO.Path.GetDirectoryName(Checkout.Find("Portability.sln"))
        ?? throw new InvalidOperationException("The tests run inside the repository.");

    public static Page Read(string path) => new(path, File.ReadAllText(System.IO.Path.Combine(Root, path)));

    /// <summary>All pages that people read.</summary>
    public static IReadOnlyList<Page> All =>
        [
            .. Directory
                .EnumerateFiles(Root, "*.md")
                .Concat(Folders.SelectMany(MarkdownUnder))
                .Select(file => Read(System.IO.Path.GetRelativePath(Root, file).Replace('\\', '/'))),
        ];

    private static string[] Folders => ["docs", "infra", "local"];

    /// <summary>The fenced blocks of a language; an empty one for those without.</summary>
    public IReadOnlyList<string> Blocks(string language) =>
        [
            .. Fence()
                .Matches(Text)
                .Where(block => block.Groups["language"].Value == language)
                .Select(block => block.Groups["content"].Value),
        ];

    /// <summary>Targets of links to files of the repository, as full paths.</summary>
    public IEnumerable<string> LinkedFiles() =>
        Link()
            .Matches(Text)
            .Select(link => link.Groups["target"].Value.Split('#')[0])
            .Where(target => target.Length > 0 && !target.Contains(':', StringComparison.Ordinal))
            .Select(target =>
                System.IO.Path.GetFullPath(target, System.IO.Path.GetDirectoryName(System.IO.Path.Combine(Root, Path))!)
            );

    private static IEnumerable<string> MarkdownUnder(string folder) =>
        Directory
            .EnumerateFiles(System.IO.Path.Combine(Root, folder), "*.md", SearchOption.AllDirectories)
            .Where(file => !file.Contains("node_modules", StringComparison.Ordinal));

    [GeneratedRegex(
        "^```(?<language>[a-z]*)\r?\n(?<content>.*?)^```",
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Fence();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}
