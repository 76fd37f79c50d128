using System.Globalization;
using Microsoft.AspNetCore.Http;
using Portability.Http.Parsing;
using Portability.Http.Problems;

namespace Portability.Http.Calls;

/// <summary>Reads the query of a list and gathers everything that is wrong with it.</summary>
internal sealed class QueryFields(IQueryCollection query)
{
    public const int MaxLimit = 200;
    private const int UsualLimit = 50;

    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, IReadOnlyList<string>> errors = new(StringComparer.Ordinal);

    public string? Text(string name)
    {
        known.Add(name);
        string?[] values = [.. query[name]];
        if (values is [{ Length: > 0 and <= 1024 } value])
        {
            return value;
        }
        if (values.Length > 0)
        {
            errors[name] = ["must be given once and not be empty"];
        }
        return null;
    }

    /// <summary>How many items a page has at most.</summary>
    public int Limit()
    {
        if (Text("limit") is not { } text)
        {
            return UsualLimit;
        }
        if (
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit)
            && limit is >= 1 and <= MaxLimit
        )
        {
            return limit;
        }
        errors["limit"] = [$"must be a whole number from 1 to {MaxLimit}"];
        return UsualLimit;
    }

    public bool? Flag(string name)
    {
        switch (Text(name))
        {
            case null:
                return null;
            case "true":
                return true;
            case "false":
                return false;
            default:
                errors[name] = ["must be true or false"];
                return null;
        }
    }

    public T? Choice<T>(string name)
        where T : struct, Enum
    {
        if (Text(name) is not { } text)
        {
            return null;
        }
        if (Formats.TryChoice(text, out T choice))
        {
            return choice;
        }
        errors[name] = [$"must be one of {string.Join(", ", Enum.GetValues<T>().Select(Formats.NameOf))}"];
        return null;
    }

    /// <exception cref="ProblemException">400 with all that was wrong, parameters that this call does not know too.</exception>
    public void Done()
    {
        foreach (string name in query.Keys.Where(name => !known.Contains(name)))
        {
            errors[name] = ["is not a parameter of this call"];
        }
        if (errors.Count > 0)
        {
            throw new ProblemException(ApiProblems.Invalid(errors));
        }
    }
}
