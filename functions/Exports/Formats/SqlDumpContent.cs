using System.Globalization;
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
    /// <summary>How to load it, for the manifest.</summary>
    public const string LoadNote =
        "SQL: load with `sqlite3 new.db < FILE.sql` into an empty database, then `PRAGMA foreign_key_check`. It holds the "
        + "customer's rows and those rows of reference lists that they refer to. What is not as in the source (columns not "
        + "exported, references to rows that are not the customer's) is a comment above its table; triggers are left out.";

    // Long statements cost the loading program memory and short ones time; in between it does not matter.
    private const int RowsAnInsert = 500;

    private readonly IAsyncDisposable _connection;
    private readonly Func<RowQuery, RowReader> _open;
    private readonly ScopedQueries _queries;
    private readonly SqlDumpScope _scope;
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
        _scope = new SqlDumpScope(datasets, queries, open);
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
        Text("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n");
        foreach (var table in tables)
        {
            Text(table.Definition());
        }

        foreach (var table in tables)
        {
            using var rows = _open(_scope.Rows(table));
            foreach (var full in WriteRows(table, rows))
            {
                yield return full;
            }
        }

        foreach (var index in tables.SelectMany(table => table.Indexes()))
        {
            Text(index);
        }

        Text("COMMIT;\n");
    }

    private IEnumerable<bool> WriteRows(DumpTable table, RowReader rows)
    {
        var columns = table.Columns;
        var begin = Encoding.UTF8.GetBytes(
            string.Create(
                CultureInfo.InvariantCulture,
                $"INSERT INTO {SqlText.Quote(table.Dataset.Table.Name)} ({string.Join(", ", columns.Select(c => SqlText.Quote(c.Name)))}) VALUES\n"
            )
        );
        var inStatement = 0;
        while (rows.Read())
        {
            WriteRow(inStatement == 0 ? begin : ",\n"u8, rows, columns.Count);
            Rows++;
            if (++inStatement == RowsAnInsert)
            {
                _output!.Write(";\n"u8);
                inStatement = 0;
            }

            if (_output!.IsFull)
            {
                yield return true;
            }
        }

        if (inStatement > 0)
        {
            _output!.Write(";\n"u8);
        }
    }

    private void WriteRow(ReadOnlySpan<byte> before, RowReader rows, int width)
    {
        var output = _output!;
        output.Write(before);
        output.Write((byte)'(');
        for (var i = 0; i < width; i++)
        {
            if (i > 0)
            {
                output.Write((byte)',');
            }

            rows.Get(i, out var cell);
            SqlText.Write(output, cell);
        }

        output.Write((byte)')');
    }

    private void Text(string text) => _output!.Write(Encoding.UTF8.GetBytes(text));
}
