using System.Text;

namespace Portability.DataMap;

/// <summary>One thing wrong with a data map, with the place and what to do about it.</summary>
/// <param name="Place">Where it was found.</param>
/// <param name="Subject">The table, dataset or property concerned.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Mend">What to write instead.</param>
public sealed record DataMapProblem(MapPlace Place, string Subject, string Message, string Mend)
{
    /// <summary>One line: <c>datamap.json:41 datasets[3] (enrolments): … Mend: …</c>.</summary>
    public override string ToString() =>
        $"{Place.File}:{Place.Line} {Place.JsonPath} ({Subject}): {Message} Mend: {Mend}";
}

/// <summary>A data map that cannot be used, with every problem found at once. Nothing has been touched.</summary>
public sealed class DataMapException(IReadOnlyList<DataMapProblem> problems) : Exception(Describe(problems))
{
    /// <summary>Findings as a reader meets them: file by file, line by line.</summary>
    internal static IReadOnlyList<DataMapProblem> InOrder(IEnumerable<DataMapProblem> problems) =>
        problems
            .GroupBy(problem => problem.Place.File, StringComparer.Ordinal)
            .SelectMany(file => file.OrderBy(problem => problem.Place.Line))
            .ToList();

    /// <summary>All that is wrong, in the order of the files.</summary>
    public IReadOnlyList<DataMapProblem> Problems { get; } = problems;

    private static string Describe(IReadOnlyList<DataMapProblem> problems)
    {
        var text = new StringBuilder($"The data map has {problems.Count} problem(s):");
        foreach (var problem in problems)
        {
            text.Append('\n').Append(problem);
        }
        return text.ToString();
    }
}
