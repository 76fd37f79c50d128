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
internal sealed class JsonNode : IDisposable
{
    private readonly string _table;
    private readonly IReadOnlyList<ColumnInfo> _columns;
    private readonly byte[][] _names;
    private readonly RowReader _rows;
    private readonly int _outerKeys;
    private readonly int _firstColumn;
    private readonly List<(byte[] Name, bool Many, JsonNode Node)> _inner = [];
    private bool _waiting;
    private bool _ended;
    private long _read;

    private JsonNode(ScopedDataset dataset, RowReader rows, int outerKeys, int firstColumn)
    {
        _table = dataset.Table.Name;
        _columns = dataset.ExportColumns;
        _names = [.. _columns.Select(column => JsonText.Name(column.Name))];
        _rows = rows;
        _outerKeys = outerKeys;
        _firstColumn = firstColumn;
    }

    /// <summary>A table's rows without anything inside.</summary>
    public static JsonNode Flat(ScopedDataset dataset, RowReader rows) => new(dataset, rows, 0, 0);

    /// <summary>A root table with its relations.</summary>
    public static JsonNode Nested(
        ScopedDataset root,
        IReadOnlyList<ScopedRelation> include,
        ScopedQueries queries,
        Func<RowQuery, RowReader> open
    ) => Build(root, root, [], include, 0, queries, open);

    /// <summary>Moves to the next row, whichever outer row it belongs to.</summary>
    public bool Read()
    {
        _ended = _ended || !_rows.Read();
        _read += _ended ? 0 : 1;
        return !_ended;
    }

    /// <summary>True when nothing goes inside: then <see cref="WriteLeaf"/> writes a row without an iterator.</summary>
    public bool IsLeaf => _inner.Count == 0;

    /// <summary>Writes the current row, which has nothing inside.</summary>
    public void WriteLeaf(RowBuffer output)
    {
        WriteColumns(output);
        output.Write((byte)'}');
    }

    /// <summary>Writes the current row as an object; yields whenever the output is full.</summary>
    public IEnumerable<bool> WriteObject(Func<RowBuffer> output)
    {
        WriteColumns(output());
        var first = _columns.Count == 0;
        foreach (var (name, many, node) in _inner)
        {
            output().Write(first ? ""u8 : ","u8);
            first = false;
            output().Write(name);
            foreach (var full in node.WriteRelated(output, this, many))
            {
                yield return full;
            }
        }

        output().Write((byte)'}');
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

    private static JsonNode Build(
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
        var node = new JsonNode(dataset, open(queries.Related(root, path)), outerKeys, ownKey);
        foreach (var relation in include)
        {
            if (dataset.ExportColumns.Any(column => column.Name == relation.As))
            {
                throw new InvalidOperationException(
                    $"Relation '{relation.As}' has the name of a column of {dataset.Table.Name}: give it another with \"as\"."
                );
            }

            var inner = Build(root, relation.Dataset, [.. path, relation], relation.Include, ownKey, queries, open);
            node._inner.Add((JsonText.Name(relation.As), relation.Many, inner));
        }

        return node;
    }

    private IEnumerable<bool> WriteRelated(Func<RowBuffer> output, JsonNode outer, bool many)
    {
        output().Write(many ? "["u8 : ""u8);
        var count = 0;
        while ((_waiting || Read()) && BelongsTo(outer))
        {
            _waiting = false;
            if (count++ > 0)
            {
                if (!many)
                {
                    throw new InvalidDataException($"{_table} has several rows where one row refers to one.");
                }

                output().Write((byte)',');
            }

            if (IsLeaf)
            {
                WriteLeaf(output());
            }
            else
            {
                foreach (var full in WriteObject(output))
                {
                    yield return full;
                }
            }

            if (output().IsFull)
            {
                yield return true;
            }
        }

        // The row that ended the loop, if there was one, belongs to a later outer row.
        _waiting = !_ended;
        if (many)
        {
            output().Write((byte)']');
        }
        else if (count == 0)
        {
            output().Write("null"u8);
        }
    }

    private bool BelongsTo(JsonNode outer)
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

    private void WriteColumns(RowBuffer output)
    {
        output.Write((byte)'{');
        for (var i = 0; i < _names.Length; i++)
        {
            if (i > 0)
            {
                output.Write((byte)',');
            }

            output.Write(_names[i]);
            _rows.Get(_firstColumn + i, out var cell);
            if (!JsonText.TryWrite(output, cell, _columns[i].Kind))
            {
                throw new UnwritableValueException(
                    "JSON",
                    _table,
                    _columns[i].Name,
                    _read,
                    "the text is not valid UTF-8"
                );
            }
        }
    }
}
