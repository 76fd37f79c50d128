using System.Globalization;

namespace Portability.Local;

/// <summary>Turns the text of a route value into a parameter's type, in the invariant culture.</summary>
internal static class BindingDataConversion
{
    /// <summary>
    /// Enumerations are left out: the worker reads them as JSON, so that a name fails in Azure. Take a string.
    /// </summary>
    public static bool Supports(Type type)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        return !plain.IsEnum && (plain == typeof(string) || IsParsable(plain));
    }

    /// <exception cref="FormatException">The text is no such value.</exception>
    public static object? Convert(object? value, Type type)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        if (value is null || plain.IsInstanceOfType(value))
        {
            return value;
        }
        string text = System.Convert.ToString(value, CultureInfo.InvariantCulture)!;
        try
        {
            return plain switch
            {
                _ when plain == typeof(string) => text,
                _ when plain == typeof(bool) => bool.Parse(text),
                _ when plain == typeof(Guid) => Guid.Parse(text),
                _ when plain == typeof(DateOnly) => DateOnly.Parse(text, CultureInfo.InvariantCulture),
                _ when plain == typeof(DateTimeOffset) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture),
                _ when plain == typeof(DateTime) => DateTime.Parse(
                    text,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.RoundtripKind
                ),
                _ => System.Convert.ChangeType(text, plain, CultureInfo.InvariantCulture),
            };
        }
        catch (OverflowException exception)
        {
            throw new FormatException($"'{text}' is out of the range of {plain.Name}.", exception);
        }
    }

    private static bool IsParsable(Type type) =>
        type == typeof(Guid)
        || type == typeof(DateOnly)
        || type == typeof(DateTimeOffset)
        || (type.IsValueType && typeof(IConvertible).IsAssignableFrom(type));
}
