using Portability.DataMap;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats;

/// <summary>One level of a document: its rows, and the levels inside.</summary>
/// <remarks>
/// A row of the query begins with the keys of the outer rows, outermost first, and its own key: so a row belongs to the
/// current outer row if its first values equal the outer row's. Both queries sort by the same columns of the same tables,
/// so comparing for equality is enough, whatever the database's collation.
/// </remarks>
internal sealed class DocumentNode : IDisposable
{
    private readonly DocumentSyntax _syntax;
    private readonly string _table;
    private readonly IReadOnlyList<ColumnInfo> _columns;
    private readonly byte[][] _names;
    private readonly RowReader _rows;
    private readonly int _outerKeys;
    private readonly int _firstColumn;
    private readonly List<(byte[] Name, bool Many, DocumentNode Node)> _inner = [];
    private bool _waiting;
    private bool _ended;
    private long _read;

    private DocumentNode(DocumentSyntax syntax, ScopedDataset dataset, RowReader rows, int outerKeys, int firstColumn)
    {
        _syntax = syntax;
        _table = dataset.Table.Name;
        _columns = dataset.ExportColumns;
        _names = [.. _columns.Select(column => syntax.Name(column.Name))];
        _rows = rows;
        _outerKeys = outerKeys;
        _firstColumn = firstColumn;
    }

    /// <summary>A table's rows without anything inside.</summary>
    public static DocumentNode Flat(DocumentSyntax syntax, ScopedDataset dataset, RowReader rows) =>
        new(syntax, dataset, rows, 0, 0);

    /// <summary>A root table with its relations.</summary>
    public static DocumentNode Nested(
        DocumentSyntax syntax,
        ScopedDataset root,
        IReadOnlyList<ScopedRelation> include,
        ScopedQueries queries,
        Func<RowQuery, RowReader> open
    ) => Build(syntax, root, root, [], include, 0, queries, open);

    /// <summary>Moves to the next row, whichever outer row it belongs to.</summary>
    public bool Read()
    {
        _ended = _ended || !_rows.Read();
        _read += _ended ? 0 : 1;
        return !_ended;
    }

    /// <summary>True when nothing goes inside, so that there is no need for <see cref="WriteInner"/>.</summary>
    public bool IsLeaf => _inner.Count == 0;

    /// <summary>Writes the current row's own values; the number of them.</summary>
    public int WriteColumns(RowBuffer output)
    {
        for (var i = 0; i < _names.Length; i++)
        {
            _rows.Get(_firstColumn + i, out var cell);
            if (_syntax.WriteMember(output, _names[i], i, cell, _columns[i].Kind) is { } reason)
            {
                throw new UnwritableValueException(_syntax.Format, _table, _columns[i].Name, _read, reason);
            }
        }

        return _names.Length;
    }

    /// <summary>Writes the rows inside the current row, after so many members; yields whenever the output is full.</summary>
    public IEnumerable<bool> WriteInner(Func<RowBuffer> output, int members)
    {
        foreach (var (name, many, node) in _inner)
        {
            _syntax.BeginRelation(output(), name, members++, many);
            foreach (var full in node.WriteRelated(output, this, name, many))
            {
                yield return full;
            }
        }
    }

    /// <summary>Called at the end: a related row that found no place means that outer and inner rows came in different orders.</summary>
    public void ThrowIfRowsAreLeft()
    {
        foreach (var (_, _, node) in _inner)
        {
            if (node._waiting || node.Read())
            {
                throw new InvalidDataException(
                    $"Row {node._read} of {node._table} (in document order) found no place: its outer row was not seen."
                );
            }

            node.ThrowIfRowsAreLeft();
        }
    }

    public void Dispose()
    {
        _rows.Dispose();
        foreach (var (_, _, node) in _inner)
        {
            node.Dispose();
        }
    }

    private static DocumentNode Build(
        DocumentSyntax syntax,
        ScopedDataset root,
        ScopedDataset dataset,
        IReadOnlyList<ScopedRelation> path,
        IReadOnlyList<ScopedRelation> include,
        int outerKeys,
        ScopedQueries queries,
        Func<RowQuery, RowReader> open
    )
    {
        var ownKey = outerKeys + dataset.Key.Count;
        var node = new DocumentNode(syntax, dataset, open(queries.Related(root, path)), outerKeys, ownKey);
        foreach (var relation in include)
        {
            if (dataset.ExportColumns.Any(column => column.Name == relation.As))
            {
                throw new InvalidOperationException(
                    $"Relation '{relation.As}' has the name of a column of {dataset.Table.Name}: give it another with \"as\"."
                );
            }

            var inner = Build(
                syntax,
                root,
                relation.Dataset,
                [.. path, relation],
                relation.Include,
                ownKey,
                queries,
                open
            );
            node._inner.Add((syntax.Name(relation.As), relation.Many, inner));
        }

        return node;
    }

    private IEnumerable<bool> WriteRelated(Func<RowBuffer> output, DocumentNode outer, byte[] name, bool many)
    {
        var count = 0;
        while ((_waiting || Read()) && BelongsTo(outer))
        {
            _waiting = false;
            if (count > 0 && !many)
            {
                throw new InvalidDataException($"{_table} has several rows where one row refers to one.");
            }

            _syntax.BeginRow(output(), name, many, count++);
            var columns = WriteColumns(output());
            if (!IsLeaf)
            {
                foreach (var full in WriteInner(output, columns))
                {
                    yield return full;
                }
            }

            _syntax.EndRow(output(), name, many);
            if (output().IsFull)
            {
                yield return true;
            }
        }

        // The row that ended the loop, if there was one, belongs to a later outer row.
        _waiting = !_ended;
        _syntax.EndRelation(output(), name, many, count);
    }

    private bool BelongsTo(DocumentNode outer)
    {
        for (var i = 0; i < _outerKeys; i++)
        {
            _rows.Get(i, out var mine);
            outer._rows.Get(i, out var theirs);
            if (mine.Kind != theirs.Kind || mine.Integer != theirs.Integer || !mine.Bytes.SequenceEqual(theirs.Bytes))
            {
                return false;
            }
        }

        return true;
    }
}
