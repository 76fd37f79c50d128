using System.Data.Common;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// A temporary table of sealed rows of one dataset: key, witnesses, fate. Sets are joined with the live table there, in one
/// statement, instead of row by row from here.
/// </summary>
/// <param name="name">Unique on the connection.</param>
/// <param name="shape">What the rows are of.</param>
/// <param name="dialect">The engine's ways.</param>
/// <param name="connection">The connection that has the table.</param>
/// <param name="isList">True for a table that is only ever read whole: it needs no index where the engine has tables without.</param>
internal sealed class RowTable(
    string name,
    RowShape shape,
    SqlDialect dialect,
    DbConnection connection,
    bool isList = false
)
{
    public const string Fate = "fate";
    private readonly IReadOnlyList<string> columns =
    [
        .. shape.SealedColumns.Select((_, index) => FormattableString.Invariant($"c{index}")),
    ];

    /// <summary>As it stands in statements.</summary>
    public string Name => dialect.Temporary(name);

    public RowShape Shape => shape;

    public IReadOnlyList<string> KeyColumns => [.. columns.Take(shape.Key.Count)];

    public IReadOnlyList<string> Columns => columns;

    public Task CreateAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<(string, ColumnInfo?, string?)> typed =
        [
            .. columns.Zip(
                shape.SealedColumns,
                (column, live) => (column, (ColumnInfo?)shape.Dataset.Table.Find(live), (string?)null)
            ),
            (Fate, null, "INTEGER NOT NULL"),
        ];
        return connection.RunAsync(
            dialect.CreateTemporary(name, typed, isList && !dialect.IsNear ? 0 : shape.Key.Count),
            cancellationToken
        );
    }

    /// <summary>Replaces what the table holds.</summary>
    public async Task FillAsync(DbTransaction? transaction, SealedRows rows, CancellationToken cancellationToken)
    {
        await using (var clear = connection.Prepare(dialect.ClearTemporary(Name)))
        {
            clear.Transaction = transaction;
            await clear.ExecuteNonQueryAsync(cancellationToken);
        }
        await AddAsync(rows.Feed(), cancellationToken);
    }

    /// <summary>Adds rows, in the open transaction.</summary>
    public Task AddAsync(IRowFeed rows, CancellationToken cancellationToken) =>
        dialect.LoadAsync(connection, Name, columns.Count + 1, rows, cancellationToken);

    /// <summary>
    /// True for a live row that is the sealed one: the same key, and witnesses that are the same or were emptied, as the run
    /// itself may have done (a broken cycle, a reduced row). Engines reuse keys; a neighbour's new row under an old key has other witnesses.
    /// </summary>
    public string Same(string live, string sealedRow)
    {
        var witnesses = shape.Witnesses.Zip(
            columns.Skip(shape.Key.Count),
            (column, kept) =>
                $" AND ({live}.{dialect.Quote(column)} = {sealedRow}.{kept} OR {live}.{dialect.Quote(column)} IS NULL)"
        );
        return dialect.Pairwise(live, shape.Key, sealedRow, KeyColumns) + string.Concat(witnesses);
    }

    /// <summary>The same where the sealed row is what a statement is given: its values are ?1 and on, its fate the last of all.</summary>
    public string SameAsGiven(string live)
    {
        var keys = shape.Key.Count;
        return string.Join(
            " AND ",
            shape.SealedColumns.Select(
                (column, index) =>
                {
                    var (name, same) = ($"{live}.{dialect.Quote(column)}", $"?{index + 1}");
                    return index < keys ? $"{name} = {same}" : $"({name} = {same} OR {name} IS NULL)";
                }
            )
        );
    }

    /// <summary>The rows as a list given with a statement, where the engine takes such; else null.</summary>
    public string? GivenList =>
        dialect.GivenList([.. shape.SealedColumns.Select(column => shape.Dataset.Table.Find(column)!)]);

    /// <summary>Runs a statement in which <see cref="GivenList"/> stands; gives how many rows it changed.</summary>
    public Task<int> RunGivenAsync(
        DbTransaction? transaction,
        string sql,
        IRowFeed rows,
        CancellationToken cancellationToken
    ) => dialect.RunGivenAsync(connection, transaction, sql, columns.Count + 1, rows, cancellationToken);

    /// <summary>All that a statement is given.</summary>
    public string Given => string.Join(", ", Enumerable.Range(1, columns.Count + 1).Select(place => $"?{place}"));

    /// <summary>The fate that a statement is given.</summary>
    public string GivenFate => $"?{columns.Count + 1}";

    /// <summary>Selects the keys of live rows (alias t) that are among these (alias b).</summary>
    public string LiveKeys(string where) =>
        $"SELECT {dialect.Columns(shape.Key, "t")} FROM {Name} b {dialect.JoinLookingUp} {dialect.Table(shape.Dataset.Table.Name)} t ON {Same("t", "b")} WHERE {where}";
}
