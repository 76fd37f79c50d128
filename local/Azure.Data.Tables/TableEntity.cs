using System.Collections;

namespace Azure.Data.Tables;

/// <summary>
/// A row as a bag of properties, for tables whose rows differ. The keys, the timestamp and the version are in the bag too,
/// under <c>PartitionKey</c>, <c>RowKey</c>, <c>Timestamp</c> and <c>odata.etag</c>.
/// </summary>
public sealed partial class TableEntity : ITableEntity, IDictionary<string, object>
{
    internal const string ETagName = "odata.etag";

    readonly Dictionary<string, object> properties;

    /// <summary>A row without keys.</summary>
    public TableEntity()
        : this(null, null) { }

    /// <summary>A row with its keys.</summary>
    public TableEntity(string partitionKey, string rowKey)
    {
        properties = new(StringComparer.Ordinal);
        PartitionKey = partitionKey;
        RowKey = rowKey;
    }

    /// <summary>A row with a copy of these properties, keys among them.</summary>
    public TableEntity(IDictionary<string, object> values)
    {
        properties = values is null ? new(StringComparer.Ordinal) : new(values, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public string PartitionKey
    {
        get => GetString(nameof(PartitionKey));
        set => properties[nameof(PartitionKey)] = value;
    }

    /// <inheritdoc/>
    public string RowKey
    {
        get => GetString(nameof(RowKey));
        set => properties[nameof(RowKey)] = value;
    }

    /// <inheritdoc/>
    public DateTimeOffset? Timestamp
    {
        get => GetDateTimeOffset(nameof(Timestamp));
        set => properties[nameof(Timestamp)] = value;
    }

    /// <inheritdoc/>
    public ETag ETag
    {
        get => GetString(ETagName) is { } text ? new ETag(text) : default;
        set => properties[ETagName] = value == default ? null : value.ToString();
    }

    /// <summary>A property's value, or null when the row has none of that name.</summary>
    public object this[string key]
    {
        get => properties.GetValueOrDefault(key);
        set => properties[key] = Coerce(properties.GetValueOrDefault(key), value);
    }

    /// <inheritdoc/>
    public ICollection<string> Keys => properties.Keys;

    /// <inheritdoc/>
    public int Count => properties.Count;

    ICollection<object> IDictionary<string, object>.Values => properties.Values;

    bool ICollection<KeyValuePair<string, object>>.IsReadOnly => false;

    /// <inheritdoc/>
    public void Add(string key, object value) => properties.Add(key, value);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => properties.ContainsKey(key);

    /// <inheritdoc/>
    public bool Remove(string key) => properties.Remove(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, out object value) => properties.TryGetValue(key, out value);

    /// <inheritdoc/>
    public void Clear() => properties.Clear();

    /// <summary>A text, or null when there is none.</summary>
    /// <exception cref="InvalidOperationException">The property is of another type.</exception>
    public string GetString(string key) => (string)Typed<string>(key);

    /// <summary>Bytes, or null when there are none.</summary>
    /// <exception cref="InvalidOperationException">The property is of another type.</exception>
    public byte[] GetBinary(string key) => this[key] is BinaryData data ? data.ToArray() : (byte[])Typed<byte[]>(key);

    /// <summary>Bytes, or null when there are none.</summary>
    /// <exception cref="InvalidOperationException">The property is of another type.</exception>
    public BinaryData GetBinaryData(string key) =>
        this[key] is byte[] bytes ? new BinaryData(bytes) : (BinaryData)Typed<BinaryData>(key);

    /// <summary>A truth value, or null when there is none.</summary>
    /// <exception cref="InvalidOperationException">The property is of another type.</exception>
    public bool? GetBoolean(string key) => (bool?)Typed<bool>(key);

    /// <summary>An instant in UTC, or null when there is none.</summary>
    /// <exception cref="InvalidOperationException">The property is of another type.</exception>
    public DateTime? GetDateTime(string key) =>
        this[key] is DateTimeOffset offset ? offset.UtcDateTime : (DateTime?)Typed<DateTime>(key);

    /// <summary>An instant, or null when there is none.</summary>
    /// <exception cref="InvalidOperationException">The property is of another type.</exception>
    public DateTimeOffset? GetDateTimeOffset(string key) =>
        this[key] is DateTime time ? new DateTimeOffset(time) : (DateTimeOffset?)Typed<DateTimeOffset>(key);

    /// <summary>A number, or null when there is none.</summary>
    /// <exception cref="InvalidOperationException">The property is of another type.</exception>
    public double? GetDouble(string key) => (double?)Typed<double>(key);

    /// <summary>A GUID, or null when there is none.</summary>
    /// <exception cref="InvalidOperationException">The property is of another type.</exception>
    public Guid? GetGuid(string key) => (Guid?)Typed<Guid>(key);

    /// <summary>A whole number, or null when there is none.</summary>
    /// <exception cref="InvalidOperationException">The property is of another type.</exception>
    public int? GetInt32(string key) => (int?)Typed<int>(key);

    /// <summary>A whole number, or null when there is none.</summary>
    /// <exception cref="InvalidOperationException">The property is of another type.</exception>
    public long? GetInt64(string key) => (long?)Typed<long>(key);

    void ICollection<KeyValuePair<string, object>>.Add(KeyValuePair<string, object> item) => Add(item.Key, item.Value);

    bool ICollection<KeyValuePair<string, object>>.Contains(KeyValuePair<string, object> item) =>
        ((ICollection<KeyValuePair<string, object>>)properties).Contains(item);

    void ICollection<KeyValuePair<string, object>>.CopyTo(KeyValuePair<string, object>[] array, int arrayIndex) =>
        ((ICollection<KeyValuePair<string, object>>)properties).CopyTo(array, arrayIndex);

    bool ICollection<KeyValuePair<string, object>>.Remove(KeyValuePair<string, object> item) =>
        ((ICollection<KeyValuePair<string, object>>)properties).Remove(item);

    IEnumerator<KeyValuePair<string, object>> IEnumerable<KeyValuePair<string, object>>.GetEnumerator() =>
        properties.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => properties.GetEnumerator();

    object Typed<T>(string key) =>
        this[key] switch
        {
            null => null,
            T value => value,
            var other => throw new InvalidOperationException(
                $"Property '{key}' is of type {other.GetType().Name}, not {typeof(T).Name}."
            ),
        };

    // An integer literal assigned over a wider number keeps the property's type.
    static object Coerce(object existing, object value) =>
        (existing, value) switch
        {
            (long, int number) => (long)number,
            (double, int number) => (double)number,
            (DateTimeOffset, DateTime time) => new DateTimeOffset(time),
            _ => value,
        };
}
