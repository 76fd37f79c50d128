namespace Portability.Sources;

/// <summary>Gathers rows of whole numbers column by column.</summary>
internal sealed class NumberColumns(int columns) : ICellSink
{
    private readonly List<long?>[] values = [.. Enumerable.Range(0, columns).Select(_ => new List<long?>())];
    private int next;

    public long?[] Of(int column) => [.. values[column]];

    public void Null() => Add(null);

    public void Integer(long value) => Add(value);

    public void Real(double value) => throw Unfit("a real number");

    public void Text(ReadOnlySpan<byte> utf8) => throw Unfit("a text");

    public void Bytes(ReadOnlySpan<byte> value) => throw Unfit("bytes");

    public void Other(object value) => throw Unfit(value.GetType().Name);

    private void Add(long? value)
    {
        values[next].Add(value);
        next = (next + 1) % values.Length;
    }

    private static InvalidOperationException Unfit(string what) => new($"A column of whole numbers holds {what}.");
}
