using System.Text;
using Portability.DataMap;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports;

/// <summary>
/// Counts a table's rows and finds the keys at which its parts end, all parts but the last having the same number of rows.
/// </summary>
/// <remarks>
/// A border is found by walking rows in key order from a place whose number of rows before it is known: the border before, or, where the
/// rows are counted by a server, one of some marks between the table's lowest and highest key, up to which the same count counts too. A
/// server counts on all its processors and walks on one. A mark with the right number of rows before it is a border itself.
/// </remarks>
internal sealed class PartBorders(
    ScopedDataset dataset,
    ScopedQueries queries,
    Func<RowQuery, RowReader> open,
    long rowsPerPart
)
{
    private const int MostMarks = 7;

    /// <summary>The rows, and the ranges of the parts: one that is null when the table is one file.</summary>
    public (long Rows, IReadOnlyList<KeyRange?> Ranges) Find()
    {
        var marks = ChooseMarks();
        var counts = ReadNumbers(queries.Count(dataset, marks), marks.Count + 1);
        var rows = counts[0]!.Value;
        if (rows <= rowsPerPart)
        {
            return (rows, [null]);
        }

        var places = marks.Select((mark, i) => new Place([new KeyValue(mark, null)], counts[i + 1]!.Value)).ToList();
        return (rows, Ranges(rows, places));
    }

    /// <summary>Parts found by the keys at their borders; one part when a key cannot be kept in a plan.</summary>
    private IReadOnlyList<KeyRange?> Ranges(long count, List<Place> marks)
    {
        var borders = new List<IReadOnlyList<KeyValue>>();
        var before = new Place(null, 0);
        // No border behind the last row: the last part is open, for rows that come before it is written.
        for (var upTo = rowsPerPart; upTo < count; upTo += rowsPerPart)
        {
            var from = marks.Where(mark => mark.Rows <= upTo).Append(before).MaxBy(place => place.Rows)!;
            if (from.Rows == upTo)
            {
                borders.Add(from.Key!);
                continue;
            }

            using var rows = open(queries.Border(dataset, from.Key, upTo - from.Rows));
            if (!rows.Read())
            {
                break;
            }

            if (ReadKey(rows) is not { } key)
            {
                return [null];
            }

            borders.Add(key);
            before = new Place(key, upTo);
        }

        return
        [
            .. Enumerable
                .Range(0, borders.Count + 1)
                .Select(i => new KeyRange(
                    i + 1,
                    borders.Count + 1,
                    i == 0 ? null : borders[i - 1],
                    i == borders.Count ? null : borders[i]
                )),
        ];
    }

    /// <summary>Keys at even distances; none where a walk costs as little as a count, or where keys are too few for a second part.</summary>
    private IReadOnlyList<long> ChooseMarks()
    {
        if (queries.Dialect.IsNear || dataset.Table.IsView || dataset.Key is not [var key] || !IsInteger(key))
        {
            return [];
        }

        if (ReadNumbers(queries.Ends(dataset), 2) is not [{ } lowest, { } highest])
        {
            return [];
        }

        // As many as there are borders where keys leave no gaps, and then they are the borders: each takes its time in the count.
        var span = (Int128)highest - lowest + 1;
        var borders = (span - 1) / rowsPerPart;
        var distance = borders <= MostMarks ? rowsPerPart : span / (MostMarks + 1);
        return
        [
            .. Enumerable
                .Range(1, (int)Int128.Min(borders, MostMarks))
                .Select(i => (long)((Int128)lowest - 1 + (distance * i))),
        ];
    }

    private bool IsInteger(string column) => dataset.Table.Find(column)!.Kind == ColumnKind.Integer;

    private long?[] ReadNumbers(RowQuery query, int count)
    {
        using var rows = open(query);
        rows.Read();
        var numbers = new long?[count];
        for (var i = 0; i < count; i++)
        {
            rows.Get(i, out var cell);
            numbers[i] = cell.Kind == CellKind.Integer ? cell.Integer : null;
        }

        return numbers;
    }

    private KeyValue[]? ReadKey(RowReader rows)
    {
        var key = new KeyValue[dataset.Key.Count];
        for (var i = 0; i < key.Length; i++)
        {
            rows.Get(i, out var cell);
            if (cell.Kind is not (CellKind.Integer or CellKind.Text))
            {
                return null;
            }

            key[i] =
                cell.Kind == CellKind.Integer
                    ? new KeyValue(cell.Integer, null)
                    : new KeyValue(null, Encoding.UTF8.GetString(cell.Bytes));
        }

        return key;
    }

    /// <summary>A key (null: before the first), and how many rows stand up to it.</summary>
    private sealed record Place(IReadOnlyList<KeyValue>? Key, long Rows);
}
