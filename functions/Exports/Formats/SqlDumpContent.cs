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

    private IEnumerable<bool> WriteRows(DumpTable table, RowReader rows)
    {
        var columns = _dialect.Columns(table);
        var begin = Encoding.UTF8.GetBytes(
            $"INSERT INTO {_dialect.Table(table.Dataset.Table.Name)} ({string.Join(", ", columns.Select(c => SqlText.Quote(c.Name)))}) VALUES\n"
        );
        var (rowsInStatement, bytesInStatement, row) = (0, 0L, 0L);
        while (rows.Read())
        {
            var before = _output!.Length;
            WriteRow(rowsInStatement == 0 ? begin : ",\n"u8, rows, table, columns, ++row);
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

        if (rowsInStatement > 0)
        {
            _output!.Write(";\n"u8);
        }
    }

    private void WriteRow(
        ReadOnlySpan<byte> before,
        RowReader rows,
        DumpTable table,
        IReadOnlyList<ColumnInfo> columns,
        long row
    )
    {
        var output = _output!;
        output.Write(before);
        output.Write((byte)'(');
        for (var i = 0; i < columns.Count; i++)
        {
            if (i > 0)
            {
                output.Write((byte)',');
            }

            rows.Get(i, out var cell);
            if (!_dialect.TryWrite(output, cell, columns[i]))
            {
                throw new UnwritableValueException(
                    "SQL",
                    table.Table.Name,
                    columns[i].Name,
                    row,
                    "the text is not valid UTF-8"
                );
            }
        }

        output.Write((byte)')');
    }

    private void Text(string text) => _output!.Write(Encoding.UTF8.GetBytes(text));
}
