using System.Reflection;
using System.Text.RegularExpressions;

namespace Local.Tests.Conformance;

/// <summary>Holds the conformance tests to what their README says of them.</summary>
public sealed partial class MatrixTests
{
    private const string Own = "Portability" + "." + "Local";

    [Fact]
    public void Tests_NamedInTheMatrix_Exist()
    {
        HashSet<string> existing = [.. TestsOf(_ => true)];
        Assert.DoesNotContain(Named(), name => !existing.Contains(name));
    }

    [Fact]
    public void Tests_OfTheFolder_AreNamedInTheMatrix()
    {
        HashSet<string> named = [.. Named()];
        Assert.DoesNotContain(TestsOf(IsConformance), name => !named.Contains(name));
    }

    [Fact]
    public void Files_OfTheFolder_UseTheOfficialApiOnly()
    {
        string[] files = [.. Resources().Where(name => name.EndsWith(".cs", StringComparison.Ordinal))];
        Assert.True(files.Length > 10);
        string[] own = [Own, "EngineOnAStore", "Local.Tests.DurableTask", "VirtualClock"];
        Assert.DoesNotContain(
            files.Where(name => name != "Conformance.MatrixTests.cs"),
            name => own.Any(word => Read(name).Contains(word, StringComparison.Ordinal))
        );
    }

    [Fact]
    public void Cases_OfTheFolder_AreAHundredAndFiftyAndMore()
    {
        int cases = Methods(IsConformance)
            .Sum(method => Math.Max(1, method.GetCustomAttributes<InlineDataAttribute>().Count()));
        Assert.True(cases >= 150, $"There are {cases}.");
    }

    private static bool IsConformance(Type type) =>
        type.Namespace == "Local.Tests.Conformance" && type != typeof(MatrixTests);

    private static IEnumerable<MethodInfo> Methods(Func<Type, bool> where) =>
        typeof(MatrixTests)
            .Assembly.GetTypes()
            .Where(where)
            .SelectMany(type => type.GetMethods())
            .Where(method => method.GetCustomAttribute<FactAttribute>() is not null);

    private static IEnumerable<string> TestsOf(Func<Type, bool> where) =>
        Methods(where).Select(method => $"{method.DeclaringType!.Name}.{method.Name}");

    private static IEnumerable<string> Named() =>
        TestName().Matches(Read("Conformance.README.md")).Select(match => match.Groups[1].Value);

    private static IEnumerable<string> Resources() =>
        typeof(MatrixTests)
            .Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith("Conformance.", StringComparison.Ordinal));

    private static string Read(string resource)
    {
        using var reader = new StreamReader(typeof(MatrixTests).Assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("`([A-Za-z]+Tests\\.[A-Za-z0-9_]+)`")]
    private static partial Regex TestName();
}
