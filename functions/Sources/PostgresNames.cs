namespace Portability.Sources;

/// <summary>
/// Table names of a PostgreSQL catalogue: <c>users</c> in the schema <c>public</c>, <c>archive.logs</c> in another. A part that holds a
/// dot or a quote is spelt as SQL quotes it, so a name never means two tables.
/// </summary>
internal static class PostgresNames
{
    public const string DefaultSchema = "public";

    /// <param name="home">The schema whose tables go by their bare name.</param>
    public static string Spell(string schema, string table, string home = DefaultSchema) =>
        schema == home ? Part(table) : $"{Part(schema)}.{Part(table)}";

    /// <summary>Schema and table of a spelt name.</summary>
    public static (string Schema, string Table) Split(string name, string home = DefaultSchema)
    {
        var parts = new List<string>();
        var at = 0;
        while (at < name.Length)
        {
            if (name[at] == '"')
            {
                var end = at + 1;
                while (end < name.Length && (name[end] != '"' || (end + 1 < name.Length && name[end + 1] == '"')))
                {
                    end += name[end] == '"' ? 2 : 1;
                }
                parts.Add(name[(at + 1)..end].Replace("\"\"", "\"", StringComparison.Ordinal));
                at = end + 2;
            }
            else
            {
                var end = name.IndexOf('.', at) is var dot and >= 0 ? dot : name.Length;
                parts.Add(name[at..end]);
                at = end + 1;
            }
        }
        return parts.Count == 2 ? (parts[0], parts[1]) : (home, parts.Count == 1 ? parts[0] : name);
    }

    public static string Quote(string identifier) =>
        $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Schema and table as SQL, whatever the search path.</summary>
    public static string Qualify(string schema, string name) => $"{Quote(schema)}.{Quote(name)}";

    private static string Part(string name) =>
        name.Contains('.', StringComparison.Ordinal) || name.Contains('"', StringComparison.Ordinal)
            ? Quote(name)
            : name;
}
