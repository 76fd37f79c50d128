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

    /// <summary>What a cell holds, null for the database's null.</summary>
    public static object? Cell(this DbDataReader reader, int column) =>
        reader.GetValue(column) is var value && value is DBNull ? null : value;
}
