using System.Text.RegularExpressions;
using Microsoft.DurableTask;

namespace Portability.Workflow;

/// <summary>Stable reasons of failures for events: the fault's type, never its message, which may hold data.</summary>
public static partial class FailureCodes
{
    /// <summary>The innermost fault's type in words: <c>request-failed</c>, <c>sqlite</c>, <c>erasure-refused</c>.</summary>
    public static string Of(TaskFailedException failure)
    {
        TaskFailureDetails? details = failure.FailureDetails;
        return Of(details?.ErrorType ?? "unknown");
    }

    public static string Of(Exception fault) => Of(fault.GetType().Name);

    private static string Of(string typeName)
    {
        string name = typeName[(typeName.LastIndexOf('.') + 1)..];
        string words = WordStart().Replace(name, "-${capital}").ToLowerInvariant().Trim('-');
        return words.EndsWith("-exception", StringComparison.Ordinal) ? words[..^"-exception".Length] : words;
    }

    [GeneratedRegex(
        "(?<=.)(?<capital>[A-Z])",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex WordStart();
}
