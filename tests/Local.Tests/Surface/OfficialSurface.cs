using System.Reflection;

namespace Local.Tests.Surface;

/// <summary>The lists in <c>Official/</c>, which are built into the test assembly; lines with <c>#</c> are comments.</summary>
internal static class OfficialSurface
{
    public static IReadOnlyCollection<string> Read(params string[] lists) => [.. lists.SelectMany(Lines)];

    private static IEnumerable<string> Lines(string list)
    {
        Assembly assembly = typeof(OfficialSurface).Assembly;
        using Stream stream =
            assembly.GetManifestResourceStream($"Surface.{list}.txt")
            ?? throw new ArgumentException($"There is no list {list} in Surface/Official.", nameof(list));
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] is not ('#' or '['))
            {
                yield return line;
            }
        }
    }
}
