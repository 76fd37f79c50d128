using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Portability.Sources;

/// <summary>SQLite's ways.</summary>
public sealed class SqliteDialect : SqlDialect
{
    /// <inheritdoc />
    public override string Name => "sqlite";

    /// <inheritdoc />
    public override string Temporary(string name) => $"temp.{Quote(name)}";

    /// <inheritdoc />
    public override string CreateTemporary(
        string name,
        IReadOnlyList<(string Name, ColumnInfo? Like, string? Type)> columns,
        int keyColumns
    )
    {
        // Key columns keep no type: what the source column stored is stored again as it is.
        var list = columns.Select(column =>
            column.Like is null ? $"{Quote(column.Name)} {column.Type}" : Quote(column.Name)
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
}
