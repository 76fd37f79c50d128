using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace Portability.Sources;

/// <summary>Values of parameters as each engine wants them.</summary>
public static class SqlParameters
{
    /// <summary>
    /// Sets a value. SQLite compares what it gets; PostgreSQL is strict, so a text goes there without a type and takes that of what it is
    /// compared to or stored in: an enum, a date, an instant.
    /// </summary>
    public static void SetValue(this DbParameter parameter, object? value)
    {
        if (parameter is NpgsqlParameter postgres)
        {
            postgres.ResetDbType();
            if (value is string)
            {
                postgres.NpgsqlDbType = NpgsqlDbType.Unknown;
            }
        }
        parameter.Value = value ?? DBNull.Value;
    }
}
