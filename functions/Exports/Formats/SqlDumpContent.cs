using System.Runtime.CompilerServices;
using System.Text;
using Portability.DataMap;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats;

/// <summary>
/// A customer's rows of one database as SQL that loads into an empty database: tables, rows in multi-row inserts, then indexes;
/// parents before children. Of reference data, only the rows that the customer's rows need.
/// </summary>
internal sealed class SqlDumpContent : IFileContent
{
    // Long statements cost the loading program memory and short ones time; in between it does not matter.
    private const int RowsAnInsert = 500;
    private const int BytesAnInsert = 1 << 20;

    private readonly IAsyncDisposable _connection;
    private readonly Func<RowQuery, RowReader> _open;
    private readonly ScopedQueries _queries;
    private readonly SqlDumpScope _scope;
    private readonly DumpDialect _dialect;
    private readonly IEnumerator<bool> _steps;
    private RowBuffer? _output;

    public SqlDumpContent(
        IAsyncDisposable connection,
        Func<RowQuery, RowReader> open,
        ScopedQueries queries,
        IReadOnlyList<ScopedDataset> datasets,
        DateTimeOffset snapshot
    )
    {
        _connection = connection;
        _open = open;
        _queries = queries;
        _dialect = DumpDialect.Of(queries.Dialect);
        _scope = new SqlDumpScope(datasets, queries, open, _dialect);
        _steps = WriteAll().GetEnumerator();
        Snapshot = snapshot;
    }

    public long Rows { get; private set; }

    public DateTimeOffset Snapshot { get; }

    public ValueTask<bool> FillAsync(RowBuffer output, CancellationToken cancellationToken)
    {
        _output = output;
        return ValueTask.FromResult(_steps.MoveNext());
    }

    public async ValueTask DisposeAsync()
    {
        _steps.Dispose();
        await _connection.DisposeAsync();
    }

    private IEnumerable<bool> WriteAll()
    {
        var tables = _scope.Tables();
        foreach (var statement in _dialect.Before(tables))
        {
            Text(statement);
        }

        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in tables)
        {
            var before = Rows;
            using var rows = new ReadAheadReader(_open(_scope.Rows(table)));
            foreach (var full in WriteRows(table, rows))
            {
                yield return full;
            }

            counts[table.Table.Name] = Rows - before;
        }

        foreach (var statement in _dialect.After(tables))
        {
            Text(statement);
        }

        Text(DumpTrailer.Write(counts));
    }

    private IEnumerable<bool> WriteRows(DumpTable table, ReadAheadReader rows)
    {
        ColumnInfo[] columns = [.. _dialect.Columns(table)];
        var begin = Encoding.UTF8.GetBytes(
            $"INSERT INTO {_dialect.Table(table.Dataset.Table.Name)} ({string.Join(", ", columns.Select(c => SqlText.Quote(c.Name)))}) VALUES\n"
        );
        var (rowsInStatement, bytesInStatement, row) = (0, 0L, 0L);
        while (rows.ReadBatch() is { } batch)
        {
            for (var i = 0; i < batch.Rows; i++)
            {
                var before = _output!.Length;
                _output.Write(rowsInStatement == 0 ? begin : ",\n"u8);
                if (WriteRow(_output, batch, i, columns) is { } column)
                {
                    throw Unwritable(table, column, row + 1);
                }

                row++;
                Rows++;
                bytesInStatement += _output.Length - before;
                if (++rowsInStatement == RowsAnInsert || bytesInStatement >= BytesAnInsert)
                {
                    _output.Write(";\n"u8);
                    (rowsInStatement, bytesInStatement) = (0, 0);
                }

                if (_output.IsFull)
                {
                    yield return true;
                }
            }
        }

        if (rowsInStatement > 0)
        {
            _output!.Write(";\n"u8);
        }
    }

    /// <summary>Writes a row; the column whose text the dialect cannot hold, if there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ColumnInfo? WriteRow(RowBuffer output, RowBatch batch, int row, ColumnInfo[] columns)
    {
        output.Write((byte)'(');
        for (var i = 0; i < columns.Length; i++)
        {
            if (i > 0)
            {
                output.Write((byte)',');
            }

            batch.Get(row, i, out var cell);
            if (!_dialect.TryWrite(output, cell, columns[i]))
            {
                return columns[i];
            }
        }

        output.Write((byte)')');
        return null;
    }

    private static UnwritableValueException Unwritable(DumpTable table, ColumnInfo column, long row) =>
        new("SQL", table.Table.Name, column.Name, row, "the text is not valid UTF-8");

    private void Text(string text) => _output!.Write(Encoding.UTF8.GetBytes(text));
}
