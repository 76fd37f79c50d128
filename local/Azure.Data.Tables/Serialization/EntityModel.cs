using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Serialization;

namespace Azure.Data.Tables.Serialization;

/// <summary>The table properties of a class: its public properties, as renamed or left out by data contract attributes.</summary>
sealed class EntityModel
{
    static readonly ConcurrentDictionary<Type, EntityModel> Models = new();

    readonly Type modelled;
    readonly (string Name, PropertyInfo Property)[] properties;

    EntityModel(Type type)
    {
        modelled = type;
        properties = type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property =>
                property.GetIndexParameters().Length == 0
                && property.Name != nameof(ITableEntity.ETag)
                && property.GetCustomAttribute<IgnoreDataMemberAttribute>() is null
            )
            .Select(property => (NameOf(property), property))
            .ToArray();
    }

    public static EntityModel Of(Type type) => Models.GetOrAdd(type, static type => new EntityModel(type));

    /// <summary>The name by which the table knows a member, in filters too.</summary>
    public static string NameOf(MemberInfo member) =>
        member.GetCustomAttribute<DataMemberAttribute>()?.Name ?? member.Name;

    public IEnumerable<(string Key, object Value)> Values(ITableEntity entity) =>
        properties.Where(p => p.Property.CanRead).Select(p => (p.Name, p.Property.GetValue(entity)));

    public T Create<T>(Dictionary<string, object> values)
        where T : class, ITableEntity
    {
        var entity =
            Activator.CreateInstance(modelled) as T
            ?? throw new MissingMethodException($"{modelled} needs a public constructor without parameters.");
        foreach (var (name, property) in properties)
        {
            if (property.CanWrite && values.TryGetValue(name, out var value) && value is not null)
            {
                property.SetValue(entity, Fit(name, property.PropertyType, value));
            }
        }
        if (values.TryGetValue(TableEntity.ETagName, out var etag) && etag is string text)
        {
            entity.ETag = new ETag(text);
        }
        return entity;
    }

    static object Fit(string name, Type wanted, object value)
    {
        var type = Nullable.GetUnderlyingType(wanted) ?? wanted;
        if (type.IsInstanceOfType(value))
        {
            return value;
        }
        return value switch
        {
            string text when type.IsEnum => Enum.Parse(type, text),
            string text when type == typeof(ETag) => new ETag(text),
            DateTimeOffset instant when type == typeof(DateTime) => instant.UtcDateTime,
            byte[] bytes when type == typeof(BinaryData) => new BinaryData(bytes),
            int number when type == typeof(long) => (long)number,
            int number when type == typeof(double) => (double)number,
            int number when type == typeof(ulong) => (ulong)number,
            long number when type == typeof(ulong) => (ulong)number,
            _ => throw new InvalidOperationException(
                $"Property '{name}' of {wanted} cannot take the stored {value.GetType().Name}."
            ),
        };
    }
}
