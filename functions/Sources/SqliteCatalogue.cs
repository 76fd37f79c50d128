using System.Data.Common;
using System.Globalization;

namespace Portability.Sources;

/// <summary>Reads a SQLite catalogue through its table-valued pragmas. Shadow tables of virtual tables go with their owner.</summary>
internal sealed class SqliteCatalogue(DbConnection connection)
{
    public async Task<Catalogue> ReadAsync(string system, CancellationToken cancellationToken)
    {
        var names = await RowsAsync(
            """
            SELECT l.name, l.type, s.sql FROM pragma_table_list l JOIN sqlite_schema s ON s.name = l.name AND s.type IN ('table', 'view')
            WHERE l.schema = 'main' AND l.type IN ('table', 'view', 'virtual') AND l.name NOT LIKE 'sqlite\_%' ESCAPE '\'
            ORDER BY l.name
            """,
            null,
            row =>
                (
                    Name: row.GetString(0),
                    IsView: row.GetString(1) == "view",
                    Definition: row.IsDBNull(2) ? "" : row.GetString(2)
                ),
            cancellationToken
        );
        var tables = new List<TableInfo>();
        foreach (var (name, isView, definition) in names)
        {
            tables.Add(await ReadTableAsync(name, isView, definition, cancellationToken));
        }
        return new(system, tables.Select(table => Complete(table, tables)).ToList());
    }

    private async Task<TableInfo> ReadTableAsync(
        string name,
        bool isView,
        string definition,
        CancellationToken cancellationToken
    )
    {
        var columns = await RowsAsync(
            "SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo($name) WHERE hidden <> 1 ORDER BY cid",
            name,
            row =>
                (
                    Name: row.GetString(0),
                    Type: row.GetString(1),
                    NotNull: row.GetInt64(2) != 0,
                    Key: row.GetInt32(3),
                    Hidden: row.GetInt64(4)
                ),
            cancellationToken
        );
        var key = columns
            .Where(column => column.Key > 0)
            .OrderBy(column => column.Key)
            .Select(column => column.Name)
            .ToList();
        var links = await RowsAsync(
            "SELECT id, \"from\", \"table\", \"to\", on_delete FROM pragma_foreign_key_list($name) ORDER BY id, seq",
            name,
            row =>
                (
                    Id: row.GetInt64(0),
                    From: row.GetString(1),
                    Table: row.GetString(2),
                    To: row.IsDBNull(3) ? null : row.GetString(3),
                    OnDelete: row.GetString(4)
                ),
            cancellationToken
        );
        var unique = await RowsAsync(
            """
            SELECT i.name, c.name, i.origin FROM pragma_index_list($name) i JOIN pragma_index_info(i.name) c
            WHERE i."unique" = 1 AND i.partial = 0 ORDER BY i.seq, c.seqno
            """,
            name,
            row =>
                (
                    Index: row.GetString(0),
                    Column: row.IsDBNull(1) ? null : row.GetString(1),
                    IsKey: row.GetString(2) == "pk"
                ),
            cancellationToken
        );
        // Every other primary key has an index of its own.
        var isRowNumber = key.Count == 1 && !isView && !unique.Exists(entry => entry.IsKey);
        var companions = await RowsAsync(
            "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = $name AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY type, name",
            name,
            row => (Type: row.GetString(0), Name: row.GetString(1), Sql: row.GetString(2)),
            cancellationToken
        );
        // SQLite lets a primary key hold nulls where the declaration forgot NOT NULL; sealing refuses such rows, so the key counts as required.
        return new(
            name,
            columns
                .Select(column => new ColumnInfo(
                    column.Name,
                    column.Type,
                    KindOf(column.Type),
                    !column.NotNull && column.Key == 0,
                    column.Hidden is 2 or 3
                )
                {
                    IsRowNumber = isRowNumber && column.Key > 0,
                })
                .ToList(),
            key,
            links
                .GroupBy(link => link.Id)
                .OrderByDescending(group => group.Key)
                .Select(group => new ForeignKey(
                    group.Select(link => link.From).ToList(),
                    group.First().Table,
                    group.Any(link => link.To is null) ? [] : group.Select(link => link.To!).ToList(),
                    group.First().OnDelete
                ))
                .ToList(),
            isView,
            definition
        )
        {
            UniqueKeys = unique
                .GroupBy(entry => entry.Index)
                .Where(group => group.All(entry => entry.Column is not null))
                .Select(group => (IReadOnlyList<string>)group.Select(entry => entry.Column!).ToList())
                .Concat(key.Count > 0 ? [key] : [])
                .ToList(),
            Companions = companions.Select(companion => companion.Sql).ToList(),
            Triggers = companions
                .Where(companion => companion.Type == "trigger")
                .Select(companion => companion.Name)
                .ToList(),
        };
    }

    /// <summary>Spells referenced names as their table does, and fills in the primary key where a reference leaves its columns out.</summary>
    private static TableInfo Complete(TableInfo table, List<TableInfo> tables) =>
        table with
        {
            ForeignKeys = table
                .ForeignKeys.Select(link =>
                {
                    var target = tables.Find(candidate =>
                        string.Equals(candidate.Name, link.ReferencedTable, StringComparison.OrdinalIgnoreCase)
                    );
                    var to =
                        link.ReferencedColumns.Count > 0 || target is null ? link.ReferencedColumns : target.PrimaryKey;
                    return link with
                    {
                        Columns = link.Columns.Select(column => table.Find(column)?.Name ?? column).ToList(),
                        ReferencedTable = target?.Name ?? link.ReferencedTable,
                        ReferencedColumns = to.Select(column => target?.Find(column)?.Name ?? column).ToList(),
                    };
                })
                .ToList(),
        };

    /// <summary>SQLite has affinities, not types; the declared word says what the values mean.</summary>
    internal static ColumnKind KindOf(string declared)
    {
        var type = declared.ToUpperInvariant();
        bool Has(string word) => type.Contains(word, StringComparison.Ordinal);
        return Has("BOOL") ? ColumnKind.Boolean
            : Has("DATETIME") || Has("TIMESTAMP") ? ColumnKind.DateTime
            : Has("DATE") ? ColumnKind.Date
            : Has("JSON") ? ColumnKind.Json
            : Has("UUID") || Has("GUID") || Has("UNIQUEIDENTIFIER") ? ColumnKind.Guid
            : Has("INT") ? ColumnKind.Integer
            // DECIMALTEXT and the like keep exact numbers as text.
            : Has("DECIMAL") || Has("NUMERIC") ? ColumnKind.Decimal
            : Has("CHAR") || Has("TEXT") || Has("CLOB") ? ColumnKind.Text
            : Has("BLOB") || Has("BINARY") ? ColumnKind.Blob
            : Has("REAL") || Has("FLOA") || Has("DOUB") ? ColumnKind.Real
            : Has("DEC") || Has("MONEY") ? ColumnKind.Decimal
            : ColumnKind.Text;
    }

    private async Task<List<T>> RowsAsync<T>(
        string sql,
        string? name,
        Func<DbDataReader, T> read,
        CancellationToken cancellationToken
    )
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        if (name is not null)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "$name";
            parameter.Value = name;
            command.Parameters.Add(parameter);
        }
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }
        return rows;
    }
}
