using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Portability.Sources;

/// <summary>SQLite's ways.</summary>
public sealed class SqliteDialect : SqlDialect
{
    /// <inheritdoc />
    public override string Name => "sqlite";

    /// <inheritdoc />
    public override bool IsStrict => false;

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
        return $"CREATE TEMP TABLE {Quote(name)} ({string.Join(", ", list)}, PRIMARY KEY ({key})) WITHOUT ROWID";
    }

    /// <inheritdoc />
    public override string IndexTemporary(string name, string column) =>
        $"CREATE INDEX {Temporary($"{name}_{column}")} ON {Quote(name)} ({Quote(column)})";

    /// <inheritdoc />
    public override Task<DbTransaction> BeginBatchAsync(DbConnection connection, CancellationToken cancellationToken) =>
        // Not deferred: the write lock is taken before the batch reads, so it never fails halfway to upgrade.
        Task.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: false));

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
