using System.Data;
using System.Globalization;
using System.Text;
using Npgsql;

namespace Portability.Exports.Rows;

/// <summary>
/// Makes a query fit for COPY, which takes no parameters: values become settings of the transaction, bound as parameters, and the text
/// reads them back with their types. No value ever stands in a statement.
/// </summary>
internal static class PostgresQuery
{
    /// <summary>Sets the parameters of a query for the running transaction and gives the text that reads them.</summary>
    public static string Bind(NpgsqlConnection connection, RowQuery query)
    {
        var readers = new Dictionary<string, string>(StringComparer.Ordinal);
        using var command = connection.CreateCommand();
        var settings = new List<string>();
        foreach (var (name, value) in query.Parameters)
        {
            if (value is null)
            {
                readers[name] = "NULL";
                continue;
            }

            var setting = "portability." + name.TrimStart('@').ToLowerInvariant();
            settings.Add($"set_config('{setting}', @p{settings.Count}, true)");
            command.Parameters.AddWithValue(
                $"p{settings.Count - 1}",
                Convert.ToString(value, CultureInfo.InvariantCulture)!
            );
            // A subquery is evaluated once; the bare function would be for every row.
            readers[name] = $"(SELECT current_setting('{setting}')::{TypeOf(value)})";
        }

        var text = Replace(query.Sql, readers);
        if (settings.Count > 0)
        {
            command.CommandText = $"SELECT {string.Join(", ", settings)}";
            command.ExecuteNonQuery();
        }

        return text;
    }

    /// <summary>The types of a query's columns, by their numbers in the catalogue.</summary>
    public static uint[] Describe(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        using var reader = command.ExecuteReader(CommandBehavior.SchemaOnly);
        return [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetDataTypeOID)];
    }

    /// <summary>The query, with those values spelt by the server that have no binary form here.</summary>
    public static string Spelt(string sql, uint[] types)
    {
        if (types.All(type => PostgresText.CastOf(type) is null))
        {
            return sql;
        }

        var columns = types.Select((type, i) => $"q.c{i}{PostgresText.CastOf(type)}");
        return $"SELECT {string.Join(", ", columns)} FROM ({sql}) q ({string.Join(", ", types.Select((_, i) => $"c{i}"))})";
    }

    private static string TypeOf(object value) =>
        value switch
        {
            long or int => "bigint",
            decimal => "numeric",
            Guid => "uuid",
            string => "text",
            _ => throw new ArgumentException($"A {value.GetType().Name} cannot be a parameter of a query."),
        };

    /// <summary>Replaces parameter names, but not inside quoted identifiers or literals.</summary>
    internal static string Replace(string sql, IReadOnlyDictionary<string, string> parameters)
    {
        var text = new StringBuilder(sql.Length + 64);
        for (var at = 0; at < sql.Length; )
        {
            var end = at + 1;
            if (sql[at] is '"' or '\'')
            {
                end = sql.IndexOf(sql[at], end) is var close and >= 0 ? close + 1 : sql.Length;
            }
            else if (sql[at] == '@')
            {
                while (end < sql.Length && (char.IsAsciiLetterOrDigit(sql[end]) || sql[end] == '_'))
                {
                    end++;
                }

                if (parameters.TryGetValue(sql[at..end], out var value))
                {
                    text.Append(value);
                    at = end;
                    continue;
                }
            }

            text.Append(sql, at, end - at);
            at = end;
        }

        return text.ToString();
    }
}
