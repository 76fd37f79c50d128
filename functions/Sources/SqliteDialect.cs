using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Portability.Sources;

/// <summary>SQLite's ways.</summary>
public sealed class SqliteDialect : SqlDialect
{
    private const int PageRows = 4096;

    /// <inheritdoc />
    public override string Name => "sqlite";

    /// <inheritdoc />
    public override bool IsStrict => false;

    /// <summary>SQLite keeps to the order of a cross join.</summary>
    public override string JoinLookingUp => "CROSS JOIN";

    /// <inheritdoc />
    public override string Temporary(string name) => $"temp.{Quote(name)}";

    /// <inheritdoc />
    public override string CreateTemporary(
        string name,
        IReadOnlyList<(string Name, ColumnInfo? Like, string? Type)> columns,
        int keyColumns
    )
    {
        // The same affinity as the source column: an index of another affinity is of no use to a comparison of the two.
        var list = columns.Select(column =>
            $"{Quote(column.Name)} {(column.Like is { } like ? AffinityOf(like.DeclaredType) : column.Type)}"
        );
        var key = Columns(columns.Take(keyColumns).Select(column => column.Name));
        if (keyColumns == 1 && columns[0].Like is { IsRowNumber: true })
        {
            // The engine's fastest kind of table, and the kind that the source's own is.
            return $"CREATE TEMP TABLE {Quote(name)} ({Quote(columns[0].Name)} INTEGER PRIMARY KEY{string.Concat(list.Skip(1).Select(column => ", " + column))})";
        }
        return $"CREATE TEMP TABLE {Quote(name)} ({string.Join(", ", list)}, PRIMARY KEY ({key})) WITHOUT ROWID";
    }

    /// <inheritdoc />
    public override string IndexTemporary(string name, string column) =>
        $"CREATE INDEX {Temporary($"{name}_{column}")} ON {Quote(name)} ({Quote(column)})";

    /// <inheritdoc />
    public override Task<DbTransaction> BeginBatchAsync(DbConnection connection, CancellationToken cancellationToken) =>
        // Not deferred: the write lock is taken before the batch reads, so it never fails halfway to upgrade.
        Task.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: false));

    /// <inheritdoc />
    public override Task LockAsync(DbTransaction transaction, string name, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <inheritdoc />
    public override async Task BeginErasureAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        // One writer at a time: what the batch has found unreferenced stays so until it commits.
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA foreign_keys = OFF";
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// By one prepared statement at the engine's own interface: ADO.NET's way through parameters takes several times as long, and
    /// every erased row comes by here.
    /// </summary>
    public override Task LoadAsync(
        DbConnection connection,
        string table,
        int columns,
        IRowFeed feed,
        CancellationToken cancellationToken
    )
    {
        var places = string.Join(", ", Enumerable.Repeat("?", columns));
        return RunEachAsync(connection, $"INSERT INTO {table} VALUES ({places})", feed, cancellationToken);
    }

    /// <inheritdoc />
    public override bool IsNear => true;

    /// <inheritdoc />
    public override Task<long> RunEachAsync(
        DbConnection connection,
        string sql,
        IRowFeed feed,
        CancellationToken cancellationToken
    )
    {
        var database = ((SqliteConnection)connection).Handle!;
        Check(raw.sqlite3_prepare_v2(database, sql, out var statement), database);
        using (statement)
        {
            var binder = new SqliteBinder(database, statement);
            for (var row = 0; feed.Next(binder); row++)
            {
                binder.Run();
                if (row % 1024 == 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }
            return Task.FromResult(binder.Changed);
        }
    }

    /// <summary>A column of whole numbers holds nothing else that compares equal to a row's number: neither a text nor a fraction does.</summary>
    public override bool CanAsk(ColumnInfo column, ColumnInfo key) =>
        key.IsRowNumber && AffinityOf(column.DeclaredType) == "INTEGER";

    /// <inheritdoc />
    public override void Provide(DbConnection connection, string function, int columns, NumberTest isIn)
    {
        var database = ((SqliteConnection)connection).Handle!;
        var numbers = new long?[columns];
        Check(
            raw.sqlite3_create_function(
                database,
                function,
                columns,
                raw.SQLITE_UTF8 | raw.SQLITE_DETERMINISTIC,
                null,
                (context, _, values) =>
                    raw.sqlite3_result_int(context, AreNumbers(values, numbers) && isIn(numbers) ? 1 : 0)
            ),
            database
        );
    }

    private static bool AreNumbers(sqlite3_value[] values, long?[] numbers)
    {
        for (var i = 0; i < numbers.Length; i++)
        {
            switch (raw.sqlite3_value_type(values[i]))
            {
                case raw.SQLITE_INTEGER:
                    numbers[i] = raw.sqlite3_value_int64(values[i]);
                    break;
                case raw.SQLITE_NULL:
                    numbers[i] = null;
                    break;
                default:
                    return false;
            }
        }
        return true;
    }

    /// <inheritdoc />
    public override Task<RowCursor> OpenRowsAsync(
        DbConnection connection,
        string sql,
        IReadOnlyList<(string Name, object? Value)> parameters,
        CancellationToken cancellationToken
    ) => Task.FromResult<RowCursor>(SqliteRowCursor.Open((SqliteConnection)connection, sql, parameters));

    /// <inheritdoc />
    public override async IAsyncEnumerable<IReadOnlyList<object?>> ReadPagesAsync(
        DbConnection connection,
        string sql,
        IReadOnlyList<(string Name, object? Value)> parameters,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var page = new List<object?>(PageRows);
        await using var rows = await OpenRowsAsync(connection, sql, parameters, cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            page.Add(rows.Value(0));
            if (page.Count == PageRows)
            {
                yield return page;
                page.Clear();
            }
        }
        yield return page;
    }

    internal static int Bind(sqlite3_stmt statement, int place, object? value) =>
        value switch
        {
            null or DBNull => raw.sqlite3_bind_null(statement, place),
            long number => raw.sqlite3_bind_int64(statement, place, number),
            int number => raw.sqlite3_bind_int64(statement, place, number),
            double number => raw.sqlite3_bind_double(statement, place, number),
            string text => raw.sqlite3_bind_text(statement, place, text),
            byte[] bytes when bytes.Length == 0 => raw.sqlite3_bind_zeroblob(statement, place, 0),
            byte[] bytes => raw.sqlite3_bind_blob(statement, place, bytes),
            _ => throw new NotSupportedException($"A value of type {value.GetType().Name} cannot be bound."),
        };

    internal static void Check(int code, sqlite3 database)
    {
        if (code != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(code, database);
        }
    }

    /// <summary>SQLite's own rules, in its own order.</summary>
    private static string AffinityOf(string declared)
    {
        bool Has(string word) => declared.Contains(word, StringComparison.OrdinalIgnoreCase);
        return Has("INT") ? "INTEGER"
            : Has("CHAR") || Has("CLOB") || Has("TEXT") ? "TEXT"
            : declared.Length == 0 || Has("BLOB") ? "BLOB"
            : Has("REAL") || Has("FLOA") || Has("DOUB") ? "REAL"
            : "NUMERIC";
    }
}
