using Portability.Sources;

namespace Portability.Erasure;

/// <summary>Sealed rows whose key is one whole number, and their witnesses whole numbers too; of other rows it knows that it is unfit.</summary>
/// <param name="columns">The key and the witnesses; the fate that comes after them is passed over.</param>
internal sealed class NumberRows(int columns) : ICellSink
{
    private readonly List<long> keys = [];
    private readonly List<long?> witnesses = [];
    private int column;
    private bool areNumbers = true;

    public int Columns => columns;

    public int Count => keys.Count;

    public long? First => keys.Count > 0 ? keys[0] : null;

    public long? Last => keys.Count > 0 ? keys[^1] : null;

    /// <summary>True while every key was a number, and larger than the one before it.</summary>
    public bool AreAscending { get; private set; } = true;

    /// <summary>True while, besides, every witness was a number or nothing.</summary>
    public bool AreFit => AreAscending && areNumbers;

    public long Key(int row) => keys[row];

    /// <summary>True when the live row bears the same witnesses, or none where it was emptied.</summary>
    public bool IsWitnessed(int row, ReadOnlySpan<long?> live)
    {
        for (var witness = 1; witness < columns; witness++)
        {
            if (live[witness] is { } there && witnesses[row * (columns - 1) + witness - 1] != there)
            {
                return false;
            }
        }
        return true;
    }

    public void Clear()
    {
        keys.Clear();
        witnesses.Clear();
        (column, areNumbers, AreAscending) = (0, true, true);
    }

    public void Null() => Add(null);

    public void Integer(long value) => Add(value);

    public void Real(double value) => Refuse();

    public void Text(ReadOnlySpan<byte> utf8) => Refuse();

    public void Bytes(ReadOnlySpan<byte> value) => Refuse();

    public void Other(object value) => Refuse();

    private void Refuse()
    {
        areNumbers = false;
        Add(null);
    }

    private void Add(long? value)
    {
        var place = column++;
        if (place == columns)
        {
            column = 0;
        }
        else if (place > 0)
        {
            witnesses.Add(value);
        }
        else if (value is { } key && (keys.Count == 0 || keys[^1] < key))
        {
            keys.Add(key);
        }
        else
        {
            AreAscending = false;
            keys.Add(0);
        }
    }
}
