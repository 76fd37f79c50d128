namespace Local.Tests.Surface;

/// <summary>What a surface shows beyond the official one, and which overloads its method groups lack.</summary>
internal sealed record ApiComparison(IReadOnlyList<string> Unofficial, IReadOnlyList<string> MissingOverloads)
{
    /// <summary>Compares lines of <see cref="ApiDump" />.</summary>
    /// <param name="shown">The stand-in's lines.</param>
    /// <param name="official">The lines of the package it stands for.</param>
    /// <param name="leftOut">Official lines that are left out on purpose.</param>
    public static ApiComparison Of(
        IEnumerable<string> shown,
        IReadOnlyCollection<string> official,
        IReadOnlyCollection<string> leftOut
    )
    {
        HashSet<string> ours = [.. shown];
        HashSet<string> groups = [.. ours.Select(Group).OfType<string>()];
        return new ApiComparison(
            [.. ours.Except(official).Order(StringComparer.Ordinal)],
            [
                .. official
                    .Where(line => Group(line) is { } group && groups.Contains(group))
                    .Except(ours)
                    .Except(leftOut)
                    .Order(StringComparer.Ordinal),
            ]
        );
    }

    /// <summary>The method group a line belongs to: type and method name, or type and <c>ctor</c>; null for other members.</summary>
    private static string? Group(string line)
    {
        int bar = line.IndexOf(" | ", StringComparison.Ordinal);
        string member = line[(bar + 3)..];
        if (member.StartsWith("ctor ", StringComparison.Ordinal))
        {
            return line[..bar] + " | ctor";
        }
        if (!member.StartsWith("method ", StringComparison.Ordinal))
        {
            return null;
        }
        // The name stands before the parameter list, which is the first parenthesis that follows a name: attributes and
        // tuples have theirs after a space or a bracketed word.
        string name = MethodName(member);
        return $"{line[..bar]} | {name}";
    }

    private static string MethodName(string member)
    {
        // From the right: constraints hold no parenthesis but that of new(), the parameter list is balanced.
        int end = member.Length;
        int where = member.LastIndexOf(") where ", StringComparison.Ordinal);
        if (where >= 0)
        {
            end = where + 1;
        }
        int depth = 0;
        int at = end - 1;
        do
        {
            depth += member[at] switch
            {
                ')' => 1,
                '(' => -1,
                _ => 0,
            };
            at--;
        } while (depth > 0);
        string before = member[..(at + 1)];
        // Type parameters follow the name without a space; their own list may hold one.
        int generic = before.EndsWith('>') ? before.LastIndexOf('<') : before.Length;
        return before[(before.LastIndexOf(' ', generic - 1) + 1)..generic];
    }
}
