namespace Portability.Exports.Formats;

/// <summary>
/// Rows of the root table, with related rows inside, in a text format that can nest. Every relation is one query in the order
/// in which the document visits its rows, and all are merged: memory does not grow with the data, nor with one row's number
/// of related rows.
/// </summary>
internal sealed class DocumentContent : IFileContent
{
    private readonly IAsyncDisposable _connection;
    private readonly DocumentSyntax _syntax;
    private readonly DocumentNode _root;
    private readonly IEnumerator<bool> _steps;
    private RowBuffer? _output;

    public DocumentContent(ContentInput input, DocumentSyntax syntax)
    {
        _connection = input.Connection;
        _syntax = syntax;
        Snapshot = input.Snapshot;
        _root = input.Document is { Include.Count: > 0 } document
            ? DocumentNode.Nested(syntax, input.Root, document.Include, input.Queries, input.Open)
            : DocumentNode.Flat(syntax, input.Root, input.OpenRows());
        _steps = WriteAll().GetEnumerator();
    }

    public long Rows { get; private set; }

    public DateTimeOffset Snapshot { get; }

    /// <summary>One array, a row a line.</summary>
    public static DocumentContent Json(ContentInput input) => new(input, new JsonSyntax(lines: false));

    /// <summary>One object a line.</summary>
    public static DocumentContent Ndjson(ContentInput input) => new(input, new JsonSyntax(lines: true));

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
        _syntax.BeginFile(Output());
        while (_root.Read())
        {
            _syntax.BeginTop(Output(), Rows);
            var columns = _root.WriteColumns(Output());
            if (!_root.IsLeaf)
            {
                foreach (var full in _root.WriteInner(Output, columns))
                {
                    yield return full;
                }
            }

            _syntax.EndTop(Output());
            Rows++;
            if (Output().IsFull)
            {
                yield return true;
            }
        }

        _syntax.EndFile(Output());
        _root.ThrowIfRowsAreLeft();
    }
}
