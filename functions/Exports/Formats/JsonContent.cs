using Portability.DataMap;
using Portability.Exports.Rows;

namespace Portability.Exports.Formats;

/// <summary>
/// An array of objects, one a row of the root table and one a line, with related rows inside. Every relation is one query in
/// the order in which the document visits its rows, and all are merged: memory does not grow with the data, nor with one
/// row's number of related rows.
/// </summary>
internal sealed class JsonContent : IFileContent
{
    /// <summary>How values are written, for the manifest.</summary>
    public const string ValueNote =
        "JSON: numbers have all their digits (use a reader that keeps them beyond 2^53); binary values are base64; infinite "
        + "numbers are the strings Infinity and -Infinity; a column that holds JSON is embedded.";

    private readonly IAsyncDisposable _connection;
    private readonly JsonNode _root;
    private readonly IEnumerator<bool> _steps;
    private RowBuffer? _output;

    /// <param name="connection">Disposed with the content.</param>
    /// <param name="open">Runs a query over that connection.</param>
    /// <param name="queries">Makes the queries.</param>
    /// <param name="root">The rows at the top.</param>
    /// <param name="range">The part of them that belongs into this file.</param>
    /// <param name="include">What goes inside.</param>
    /// <param name="snapshot">When the connection's snapshot was opened.</param>
    public JsonContent(
        IAsyncDisposable connection,
        Func<RowQuery, RowReader> open,
        ScopedQueries queries,
        ScopedDataset root,
        KeyRange? range,
        IReadOnlyList<ScopedRelation> include,
        DateTimeOffset snapshot
    )
    {
        _connection = connection;
        Snapshot = snapshot;
        _root =
            include.Count == 0
                ? JsonNode.Flat(root, open(queries.Rows(root, root.ExportColumns, range)))
                : JsonNode.Nested(root, include, queries, open);
        _steps = WriteAll().GetEnumerator();
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
        _root.Dispose();
        await _connection.DisposeAsync();
    }

    private RowBuffer Output() => _output!;

    /// <summary>Yields whenever the output is full.</summary>
    private IEnumerable<bool> WriteAll()
    {
        Output().Write("["u8);
        while (_root.Read())
        {
            Output().Write(Rows == 0 ? "\n"u8 : ",\n"u8);
            if (_root.IsLeaf)
            {
                _root.WriteLeaf(Output());
            }
            else
            {
                foreach (var full in _root.WriteObject(Output))
                {
                    yield return full;
                }
            }

            Rows++;
            if (Output().IsFull)
            {
                yield return true;
            }
        }

        Output().Write("\n]\n"u8);
        _root.ThrowIfRowsAreLeft();
    }
}
