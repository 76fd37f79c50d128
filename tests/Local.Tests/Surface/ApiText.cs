using System.Globalization;
using System.Reflection;

namespace Local.Tests.Surface;

/// <summary>
/// How the dumps write types, literals and attributes: C# keywords, namespaces in full but for the four everybody
/// imports, and nullability as annotated.
/// </summary>
internal static class ApiText
{
    private static readonly Dictionary<string, string> Keywords = new()
    {
        ["System.Void"] = "void",
        ["System.String"] = "string",
        ["System.Object"] = "object",
        ["System.Boolean"] = "bool",
        ["System.Byte"] = "byte",
        ["System.SByte"] = "sbyte",
        ["System.Int16"] = "short",
        ["System.UInt16"] = "ushort",
        ["System.Int32"] = "int",
        ["System.UInt32"] = "uint",
        ["System.Int64"] = "long",
        ["System.UInt64"] = "ulong",
        ["System.Single"] = "float",
        ["System.Double"] = "double",
        ["System.Decimal"] = "decimal",
        ["System.Char"] = "char",
        ["System.IntPtr"] = "nint",
        ["System.UIntPtr"] = "nuint",
    };

    private static readonly string[] Imported =
    [
        "System",
        "System.Threading",
        "System.Threading.Tasks",
        "System.Collections.Generic",
    ];

    public static string Type(Type type)
    {
        if (type.IsByRef)
        {
            return Type(type.GetElementType()!);
        }
        if (type.IsGenericParameter)
        {
            return type.Name;
        }
        if (type.IsArray)
        {
            return $"{Type(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        }
        if (type.FullName is { } name && Keywords.TryGetValue(name, out string? keyword))
        {
            return keyword;
        }
        return type.IsGenericType
            ? Generic(type, [.. type.GetGenericArguments().Select(Type)])
            : Qualified(type).Replace('+', '.');
    }

    /// <summary>A declared type's own name, always with its namespace; type parameters with their variance.</summary>
    public static string Declared(Type type)
    {
        string name = (type.FullName ?? type.Name).Replace('+', '.');
        return type.IsGenericTypeDefinition ? Generic(type, [.. type.GetGenericArguments().Select(Parameter)]) : name;
    }

    public static string TypeParameters(Type[] parameters) =>
        parameters.Length == 0 ? "" : $"<{string.Join(", ", parameters.Select(Parameter))}>";

    public static string Constraints(Type[] parameters) => string.Concat(parameters.Select(Constraints));

    /// <summary>A type as used by a member, with the question marks its annotations stand for.</summary>
    public static string Annotated(Type type, IList<CustomAttributeData> own, MemberInfo member)
    {
        // Read by hand: NullabilityInfoContext calls every unconstrained T nullable.
        CustomAttributeData? nullable = Find(own, "NullableAttribute");
        byte[]? flags = null;
        byte all = 0;
        switch (nullable?.ConstructorArguments[0].Value)
        {
            case null:
                all = Context(member);
                break;
            case byte flag:
                all = flag;
                break;
            case IReadOnlyCollection<CustomAttributeTypedArgument> list:
                flags = [.. list.Select(item => (byte)item.Value!)];
                break;
        }
        int at = 0;
        return Write(type);

        string Mark() => Next() == 2 ? "?" : "";
        byte Next() =>
            flags is null ? all
            : at < flags.Length ? flags[at++]
            : (byte)0;
        string Write(Type part)
        {
            if (part.IsByRef)
            {
                return Write(part.GetElementType()!);
            }
            if (part.IsGenericParameter)
            {
                return part.Name + Mark();
            }
            if (part.IsArray)
            {
                string mark = Mark();
                return $"{Write(part.GetElementType()!)}[{new string(',', part.GetArrayRank() - 1)}]{mark}";
            }
            if (part.IsValueType)
            {
                if (part.IsGenericType && Nullable.GetUnderlyingType(part) is null)
                {
                    Next();
                }
                return part.IsGenericType ? Generic(part, [.. part.GetGenericArguments().Select(Write)]) : Type(part);
            }
            string question = Mark();
            return (part.IsGenericType ? Generic(part, [.. part.GetGenericArguments().Select(Write)]) : Type(part))
                + question;
        }
    }

    public static bool Has(IList<CustomAttributeData> attributes, string name) => Find(attributes, name) is not null;

    /// <summary>Attributes that a caller or an analyzer sees; what compilers add for themselves is left out.</summary>
    public static IReadOnlyList<string> Attributes(IList<CustomAttributeData> attributes) =>
        [.. attributes.Where(IsShown).Select(Attribute).Order(StringComparer.Ordinal)];

    public static string Literal(object? value) =>
        value switch
        {
            null => "null",
            string text =>
                $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"",
            char letter => $"'{letter}'",
            bool flag => flag ? "true" : "false",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };

    public static string EnumLiteral(Type type, object? value)
    {
        if (value is null)
        {
            return "default";
        }
        long number = Convert.ToInt64(value, CultureInfo.InvariantCulture);
        (string Name, long Value)[] members =
        [
            .. type.GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(field =>
                    (field.Name, Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture))
                ),
        ];
        foreach (var member in members)
        {
            if (member.Value == number)
            {
                return $"{type.Name}.{member.Name}";
            }
        }
        var bits = members.Where(member => long.PopCount(member.Value) == 1 && (number & member.Value) != 0).ToList();
        return bits.Count > 0 && bits.Sum(member => member.Value) == number
            ? string.Join(" | ", bits.Select(member => $"{type.Name}.{member.Name}"))
            : $"({type.Name}){number}";
    }

    private static string Generic(Type type, string[] arguments)
    {
        Type definition = type.GetGenericTypeDefinition();
        if (definition == typeof(Nullable<>))
        {
            return arguments[0] + "?";
        }
        if (definition.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal))
        {
            return $"({string.Join(", ", arguments)})";
        }
        int used = 0;
        return string.Join(
            '.',
            Qualified(definition)
                .Split('+')
                .Select(part =>
                {
                    int tick = part.IndexOf('`', StringComparison.Ordinal);
                    if (tick < 0)
                    {
                        return part;
                    }
                    int count = int.Parse(part[(tick + 1)..], CultureInfo.InvariantCulture);
                    string[] own = arguments[used..(used + count)];
                    used += count;
                    return $"{part[..tick]}<{string.Join(", ", own)}>";
                })
        );
    }

    private static string Qualified(Type type)
    {
        string name = type.FullName ?? type.Name;
        return
            type.Namespace is { } space
            && Imported.Contains(space)
            && name.StartsWith(space + ".", StringComparison.Ordinal)
            ? name[(space.Length + 1)..]
            : name;
    }

    private static string Parameter(Type parameter) =>
        (parameter.GenericParameterAttributes & GenericParameterAttributes.VarianceMask) switch
        {
            GenericParameterAttributes.Covariant => "out ",
            GenericParameterAttributes.Contravariant => "in ",
            _ => "",
        } + parameter.Name;

    private static string Constraints(Type parameter)
    {
        GenericParameterAttributes flags = parameter.GenericParameterAttributes;
        IList<CustomAttributeData> attributes = parameter.GetCustomAttributesData();
        byte nullable =
            Find(attributes, "NullableAttribute")?.ConstructorArguments[0].Value as byte?
            ?? Context((MemberInfo?)parameter.DeclaringMethod ?? parameter.DeclaringType);
        bool isStruct = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        var all = new List<string>();
        if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
        {
            all.Add(nullable == 2 ? "class?" : "class");
        }
        if (isStruct)
        {
            all.Add(Has(attributes, "IsUnmanagedAttribute") ? "unmanaged" : "struct");
        }
        string[] types =
        [
            .. parameter.GetGenericParameterConstraints().Where(type => type != typeof(ValueType)).Select(Type),
        ];
        bool isNew = flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !isStruct;
        if (all.Count == 0 && types.Length == 0 && !isNew && nullable == 1)
        {
            all.Add("notnull");
        }
        all.AddRange(types);
        if (isNew)
        {
            all.Add("new()");
        }
        return all.Count == 0 ? "" : $" where {parameter.Name} : {string.Join(", ", all)}";
    }

    private static byte Context(MemberInfo? member)
    {
        for (; member is not null; member = member.DeclaringType)
        {
            if (Find(member.GetCustomAttributesData(), "NullableContextAttribute") is { } context)
            {
                return (byte)context.ConstructorArguments[0].Value!;
            }
        }
        return 0;
    }

    private static CustomAttributeData? Find(IList<CustomAttributeData> attributes, string name) =>
        attributes.FirstOrDefault(attribute => attribute.AttributeType.Name == name);

    private static bool IsShown(CustomAttributeData attribute)
    {
        string name = attribute.AttributeType.FullName ?? attribute.AttributeType.Name;
        bool isCompilers =
            name.StartsWith("System.Runtime.", StringComparison.Ordinal)
            && !name.Contains("Caller", StringComparison.Ordinal)
            && !name.Contains("EnumeratorCancellation", StringComparison.Ordinal);
        return !isCompilers
            && !name.StartsWith("System.Diagnostics.Debug", StringComparison.Ordinal)
            && !name.StartsWith("System.CodeDom", StringComparison.Ordinal)
            && !name.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal)
            && name
                is not (
                    "System.ParamArrayAttribute"
                    or "System.Reflection.DefaultMemberAttribute"
                    or "System.Diagnostics.CodeAnalysis.SuppressMessageAttribute"
                );
    }

    private static string Attribute(CustomAttributeData attribute)
    {
        string name = attribute.AttributeType.Name;
        string[] arguments =
        [
            .. attribute.ConstructorArguments.Select(Argument),
            .. attribute.NamedArguments.Select(named => $"{named.MemberName} = {Argument(named.TypedValue)}"),
        ];
        name = name.EndsWith("Attribute", StringComparison.Ordinal) ? name[..^"Attribute".Length] : name;
        return arguments.Length == 0 ? $"[{name}]" : $"[{name}({string.Join(", ", arguments)})]";
    }

    private static string Argument(CustomAttributeTypedArgument argument) =>
        argument.Value switch
        {
            IReadOnlyCollection<CustomAttributeTypedArgument> list => $"{{{string.Join(", ", list.Select(Argument))}}}",
            Type type => $"typeof({Type(type)})",
            var value when argument.ArgumentType.IsEnum => EnumLiteral(argument.ArgumentType, value),
            var value => Literal(value),
        };
}
