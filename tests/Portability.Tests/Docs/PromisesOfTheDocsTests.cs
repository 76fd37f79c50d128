using System.Text.RegularExpressions;
using Portability.Terminations;

namespace Portability.Tests.Docs;

/// <summary>What pages name exists: files, commands, options, settings, attention steps.</summary>
public sealed partial class PromisesOfTheDocsTests
{
    /// <summary>The path of each page, for a test that names the page it fails for.</summary>
    public static TheoryData<string> Pages => [.. Page.All.Select(page => page.Path)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_LinksToFiles_ThatExist(string path)
    {
        Assert.All(Page.Read(path).LinkedFiles(), file => Assert.True(Path.Exists(file), file));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_NamesPathsOfTheRepository_ThatExist(string path)
    {
        var named = RepositoryPath()
            .Matches(Page.Read(path).Text)
            .SelectMany(name => Spread(name.Groups["path"].Value));

        Assert.All(named, name => Assert.True(Path.Exists(Path.Combine(Page.Root, name)), name));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_ShowsCommands_ThatExistWithTheirOptions(string path)
    {
        foreach (Match command in Command().Matches(Page.Read(path).Text))
        {
            string script = Path.Combine(Page.Root, command.Groups["script"].Value);
            Assert.True(File.Exists(script), $"{path} shows {command.Value}");
            string source = File.ReadAllText(script);
            Assert.All(
                command.Groups["option"].Captures,
                option => Assert.Contains(option.Value, source, StringComparison.Ordinal)
            );
        }
    }

    [Fact]
    public void Settings_OfTheOperatorsPage_AreThoseThatTheCodeReads()
    {
        string page = Page.Read("docs/operating.md").Text;
        string code = Sources("functions", "local");

        var read = SettingRead()
            .Matches(code)
            .Select(match => match.Groups["name"].Value.Replace(":", "__", StringComparison.Ordinal))
            .Where(name => !HostOwn.Contains(name))
            .Distinct(StringComparer.Ordinal);
        Assert.All(read, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));

        var named = SettingNamed().Matches(page).Select(match => match.Groups["name"].Value).Distinct();
        Assert.All(
            named,
            name =>
                Assert.Contains(
                    $"\"{name.Replace("__", ":", StringComparison.Ordinal)}\"",
                    code,
                    StringComparison.Ordinal
                )
        );
    }

    [Fact]
    public void AttentionSteps_ThatTheCodeRaises_AreAllExplained()
    {
        string page = Page.Read("docs/operating.md").Text;
        string[] steps =
        [
            .. typeof(Steps).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetValue(null)!),
            Steps.Message("ID"),
            Steps.Delivery("ID"),
            Steps.Processor("NAME"),
            Steps.ProcessorAnswer("NAME"),
            .. ((string[])[Steps.Export(1), Steps.EraseExport(1), Steps.Erasure(1), Steps.Residue(1)]).Select(step =>
                step.Replace(":1", ":N", StringComparison.Ordinal)
            ),
        ];

        Assert.All(steps, step => Assert.Contains($"`{step}`", page, StringComparison.Ordinal));
    }

    // Set by the platform or the framework, not by whoever operates the app.
    private static readonly string[] HostOwn =
    [
        "urls",
        "WEBSITE_INSTANCE_ID",
        "WEBSITE_SITE_NAME",
        "ASPNETCORE_ENVIRONMENT",
        "DOTNET_ENVIRONMENT",
        "functionTimeout",
        "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT",
    ];

    private static string Sources(params string[] folders) =>
        string.Join(
            '\n',
            folders
                .SelectMany(folder =>
                    Directory.EnumerateFiles(Path.Combine(Page.Root, folder), "*.cs", SearchOption.AllDirectories)
                )
                .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj", StringComparison.Ordinal))
                .Select(File.ReadAllText)
        );

    /// <summary>The names that braces stand for: <c>a/{b,c}</c> is <c>a/b</c> and <c>a/c</c>.</summary>
    private static IEnumerable<string> Spread(string path)
    {
        int open = path.IndexOf('{', StringComparison.Ordinal);
        int close = path.IndexOf('}', StringComparison.Ordinal);
        return open < 0
            ? [path]
            : path[(open + 1)..close].Split(',').Select(part => path[..open] + part + path[(close + 1)..]);
    }

    [GeneratedRegex(
        "`(?<path>(functions|local|demo|docs|infra|tests|eng|benchmarks)/[A-Za-z0-9_./{},-]+)`",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex RepositoryPath();

    [GeneratedRegex(
        @"(?<![\w.])\./(?<script>[a-z]+)(?![\w./])([ `]+((?<option>--[a-z]+)|[A-Z]{1,4}\b|/tmp/\w+|[A-Z]?[a-z]+(?= --)))*",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Command();

    [GeneratedRegex(
        "(?:[cC]onfiguration|settings)\\[\"(?<name>[A-Za-z_:]+)\"\\]|Value\\(configuration, \"(?<name>[A-Za-z:]+)\"\\)|GetEnvironmentVariable\\(\"(?<name>[A-Z_]+)\"\\)|\"%(?<name>\\w+)%\"",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex SettingRead();

    [GeneratedRegex(
        "`(?<name>[A-Z][A-Za-z]+__[A-Za-z]+|AzureWebJobsStorage|ASPNETCORE_URLS|AZURE_FUNCTIONS_ENVIRONMENT)`",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex SettingNamed();
}
