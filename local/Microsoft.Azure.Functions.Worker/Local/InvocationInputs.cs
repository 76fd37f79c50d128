namespace Portability.Local;

/// <summary>The values of a function's parameters, each bound once, and replaceable by middleware until it runs.</summary>
internal sealed class InvocationInputs(IReadOnlyList<string> names, Func<int, ValueTask<object?>> bind)
{
    private readonly object?[] _values = new object?[names.Count];
    private readonly bool[] _bound = new bool[names.Count];

    public async ValueTask<object?[]> BindAllAsync()
    {
        for (int i = 0; i < _values.Length; i++)
        {
            await BindAsync(i);
        }
        return _values;
    }

    public ValueTask BindAsync(string name) => BindAsync(IndexOf(name));

    public object? Get(string name) => _values[IndexOf(name)];

    public void Set(string name, object? value)
    {
        int index = IndexOf(name);
        _values[index] = value;
        _bound[index] = true;
    }

    private async ValueTask BindAsync(int index)
    {
        if (!_bound[index])
        {
            _values[index] = await bind(index);
            _bound[index] = true;
        }
    }

    private int IndexOf(string name)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] == name)
            {
                return i;
            }
        }
        throw new InvalidOperationException($"The function has no parameter '{name}'.");
    }
}

/// <summary>What an invocation came to; middleware may look at it and replace it.</summary>
internal sealed class InvocationOutcome
{
    public object? Value { get; set; }
}
