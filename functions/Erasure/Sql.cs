using System.Data.Common;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>Short forms of ADO.NET for statements with parameters.</summary>
internal static class Sql
{
    public static DbCommand Prepare(
        this DbConnection connection,
        string sql,
        params (string Name, object? Value)[] parameters
    )
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        // No bound of its own: a whole-table statement of a large database outlives the driver's 30 s; callers cancel.
        command.CommandTimeout = 230;
        foreach (var (name, value) in parameters)
        {
            command.Bind(name, value);
        }
        return command;
    }

    public static void Bind(this DbCommand command, string name, object? value)
    {
        var bound = command.Parameters.Contains(name) ? command.Parameters[name] : null;
        if (bound is null)
        {
            bound = command.CreateParameter();
            bound.ParameterName = name;
            command.Parameters.Add(bound);
        }
        bound.SetValue(value);
    }

    /// <summary>Binds the values of a sealed row to @v0, @v1 …, which are the command's first parameters once bound.</summary>
    public static void BindRow(this DbCommand command, SealedRow row, IReadOnlyList<string> names)
    {
        if (command.Parameters.Count < names.Count || command.Parameters[0].ParameterName != names[0])
        {
            for (var i = 0; i < names.Count; i++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = names[i];
                command.Parameters.Insert(i, parameter);
            }
        }
        for (var i = 0; i < names.Count; i++)
        {
            command.Parameters[i].SetValue(row.Values[i]);
        }
    }

    public static async Task<int> RunAsync(
        this DbConnection connection,
        string sql,
        CancellationToken cancellationToken,
        params (string Name, object? Value)[] parameters
    )
    {
        await using var command = connection.Prepare(sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task<long> CountAsync(
        this DbConnection connection,
        string sql,
        CancellationToken cancellationToken,
        params (string Name, object? Value)[] parameters
    )
    {
        await using var command = connection.Prepare(sql, parameters);
        return Convert.ToInt64(
            await command.ExecuteScalarAsync(cancellationToken),
            System.Globalization.CultureInfo.InvariantCulture
        );
    }

    /// <summary>Names @v0 … @vN for the values of a sealed row.</summary>
    public static IReadOnlyList<string> ValueNames(int count) =>
        Enumerable.Range(0, count).Select(index => FormattableString.Invariant($"@v{index}")).ToList();
}
