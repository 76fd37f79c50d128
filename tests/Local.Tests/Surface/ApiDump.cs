using System.Reflection;
using static Local.Tests.Surface.ApiText;

namespace Local.Tests.Surface;

/// <summary>
/// The public and protected surface of types, one line a member: <c>Type | kind signature</c>, as in the dumps of the
/// official packages beside this file.
/// </summary>
internal static class ApiDump
{
    private const BindingFlags Declared =
        BindingFlags.Public
        | BindingFlags.NonPublic
        | BindingFlags.Instance
        | BindingFlags.Static
        | BindingFlags.DeclaredOnly;

    public static IReadOnlyList<string> Of(IEnumerable<Type> types) =>
        [.. types.Where(IsVisible).OrderBy(ApiText.Declared, StringComparer.Ordinal).SelectMany(Lines)];

    private static IEnumerable<string> Lines(Type type)
    {
        string name = ApiText.Declared(type);
        IEnumerable<string> members = IsDelegate(type) ? [] : Members(type).Order(StringComparer.Ordinal);
        return members.Prepend($"type {Declaration(type)}").Select(line => $"{name} | {line}");
    }

    private static IEnumerable<string> Members(Type type)
    {
        string self = type.Name.Split('`')[0];
        foreach (ConstructorInfo constructor in type.GetConstructors(Declared).Where(IsVisible))
        {
            if (!constructor.IsStatic)
            {
                yield return $"ctor {Before(constructor)}{Access(constructor)} {self}({Parameters(constructor)})";
            }
        }
        foreach (FieldInfo field in type.GetFields(Declared))
        {
            if (!field.IsSpecialName && (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly))
            {
                yield return Field(type, field);
            }
        }
        foreach (PropertyInfo property in type.GetProperties(Declared))
        {
            if (Property(property) is { } line)
            {
                yield return line;
            }
        }
        foreach (EventInfo signal in type.GetEvents(Declared).Where(signal => IsVisible(signal.AddMethod!)))
        {
            string handler = Annotated(signal.EventHandlerType!, signal.GetCustomAttributesData(), signal);
            yield return $"event {Before(signal)}{Access(signal.AddMethod!)} {handler} {signal.Name}";
        }
        foreach (MethodInfo method in type.GetMethods(Declared).Where(IsVisible))
        {
            bool isOperator = method.Name.StartsWith("op_", StringComparison.Ordinal);
            if ((!method.IsSpecialName || isOperator) && !method.Name.Contains('<', StringComparison.Ordinal))
            {
                yield return Method(method);
            }
        }
    }

    private static string Field(Type type, FieldInfo field)
    {
        string access = field.IsPublic ? "public" : "protected";
        if (type.IsEnum)
        {
            string after = string.Concat(Attributes(field.GetCustomAttributesData()).Select(text => " " + text));
            return $"enum {field.Name} = {Literal(field.GetRawConstantValue())}{after}";
        }
        string fieldType = Annotated(field.FieldType, field.GetCustomAttributesData(), field);
        if (field.IsLiteral)
        {
            string value = Literal(field.GetRawConstantValue());
            return $"const {Before(field)}{access} {fieldType} {field.Name} = {value}";
        }
        string kind = (field.IsStatic ? " static" : "") + (field.IsInitOnly ? " readonly" : "");
        return $"field {Before(field)}{access}{kind} {Required(field)}{fieldType} {field.Name}";
    }

    private static string? Property(PropertyInfo property)
    {
        MethodInfo? get = property.GetMethod is { } getter && IsVisible(getter) ? getter : null;
        MethodInfo? set = property.SetMethod is { } setter && IsVisible(setter) ? setter : null;
        MethodInfo? main = get is not null && (set is null || get.IsPublic) ? get : set;
        if (main is null)
        {
            return null;
        }
        bool init =
            set?.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name == "IsExternalInit")
            == true;
        string accessors =
            (get is null ? "" : $"{Narrower(get, main)}get; ")
            + (set is null ? "" : $"{Narrower(set, main)}{(init ? "init" : "set")}; ");
        ParameterInfo[] index = get is not null ? get.GetParameters() : set!.GetParameters()[..^1];
        string brackets = index.Length == 0 ? "" : $"[{string.Join(", ", index.Select(Parameter))}]";
        string type = Annotated(property.PropertyType, property.GetCustomAttributesData(), property);
        return $"prop {Before(property)}{Access(main)} {Required(property)}{type} {property.Name}{brackets} {{ {accessors}}}";
    }

    private static string Method(MethodInfo method)
    {
        Type[] own = method.IsGenericMethodDefinition ? method.GetGenericArguments() : [];
        string attributes = string.Concat(
            Attributes(method.ReturnParameter.GetCustomAttributesData()).Select(text => $"[return: {text[1..]} ")
        );
        return $"method {Before(method)}{Access(method)} {attributes}{Returned(method)} "
            + $"{method.Name}{TypeParameters(own)}({Parameters(method)}){Constraints(own)}";
    }

    private static string Declaration(Type type)
    {
        string start = Before(type) + (type.IsPublic || type.IsNestedPublic ? "public" : "protected");
        if (IsDelegate(type))
        {
            MethodInfo invoke = type.GetMethod("Invoke")!;
            return $"{start} delegate {Returned(invoke)} ({Parameters(invoke)})";
        }
        if (type.IsEnum)
        {
            return $"{start} enum : {ApiText.Type(Enum.GetUnderlyingType(type))}";
        }
        MethodInfo[] methods = type.GetMethods(Declared);
        bool isRecord = methods.Any(method =>
            method.Name == "<Clone>$" || (type.IsValueType && method.Name == "PrintMembers")
        );
        string kind = type switch
        {
            { IsInterface: true } => "interface",
            { IsValueType: true } => (Has(type.GetCustomAttributesData(), "IsReadOnlyAttribute") ? "readonly " : "")
                + (type.IsByRefLike ? "ref " : "")
                + (isRecord ? "record struct" : "struct"),
            { IsAbstract: true, IsSealed: true } => "static class",
            _ => (
                type.IsAbstract ? "abstract "
                : type.IsSealed ? "sealed "
                : ""
            ) + (isRecord ? "record" : "class"),
        };
        string bases = string.Join(", ", Bases(type));
        Type[] own = type.IsGenericTypeDefinition ? type.GetGenericArguments() : [];
        return $"{start} {kind}{(bases.Length == 0 ? "" : " : " + bases)}{Constraints(own)}";
    }

    private static IEnumerable<string> Bases(Type type)
    {
        string[] inherited = [.. type.BaseType?.GetInterfaces().Select(ApiText.Type) ?? []];
        IEnumerable<string> interfaces = type.GetInterfaces()
            .Where(face => IsVisible(face.IsGenericType ? face.GetGenericTypeDefinition() : face))
            .Select(ApiText.Type)
            .Except(inherited)
            .Order(StringComparer.Ordinal);
        return type.IsValueType || type.BaseType is null || type.BaseType == typeof(object)
            ? interfaces
            : interfaces.Prepend(ApiText.Type(type.BaseType));
    }

    private static string Access(MethodBase method)
    {
        bool isNew = method.Attributes.HasFlag(MethodAttributes.NewSlot);
        bool inInterface = method.DeclaringType!.IsInterface;
        string access =
            method.IsPublic ? "public"
            : method.IsFamilyOrAssembly ? "protected internal"
            : "protected";
        string kind = method switch
        {
            { IsAbstract: true } => (inInterface ? "" : " abstract") + (isNew || method.IsStatic ? "" : " override"),
            { IsVirtual: true, IsFinal: false } when isNew => inInterface ? " default" : " virtual",
            { IsVirtual: true, IsFinal: false } => " override",
            { IsVirtual: true, IsFinal: true } when !isNew => " sealed override",
            _ => "",
        };
        return access + (method.IsStatic ? " static" : "") + kind;
    }

    private static string Parameters(MethodBase method)
    {
        string self = Has(method.GetCustomAttributesData(), "ExtensionAttribute") ? "this " : "";
        return self + string.Join(", ", method.GetParameters().Select(Parameter));
    }

    private static string Parameter(ParameterInfo parameter)
    {
        IList<CustomAttributeData> attributes = parameter.GetCustomAttributesData();
        string text = string.Concat(
            Attributes(attributes)
                .Where(attribute => attribute is not ("[Optional]" or "[In]" or "[Out]"))
                .Select(attribute => attribute + " ")
        );
        text += Has(attributes, "ParamArrayAttribute") ? "params " : "";
        if (parameter.ParameterType.IsByRef)
        {
            text +=
                parameter.IsOut ? "out "
                : parameter.IsIn ? "in "
                : "ref ";
        }
        text += $"{Annotated(parameter.ParameterType, attributes, parameter.Member)} {parameter.Name}";
        if (!parameter.HasDefaultValue)
        {
            return text + (parameter.IsOptional ? " = default" : "");
        }
        Type type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        bool canBeNull = !parameter.ParameterType.IsValueType && !parameter.ParameterType.IsGenericParameter;
        return text
            + " = "
            + parameter.RawDefaultValue switch
            {
                null => canBeNull ? "null" : "default",
                var value when type.IsEnum => EnumLiteral(type, value),
                var value => Literal(value),
            };
    }

    private static string Returned(MethodInfo method) =>
        (method.ReturnType.IsByRef ? "ref " : "")
        + Annotated(method.ReturnType, method.ReturnParameter.GetCustomAttributesData(), method);

    private static string Before(MemberInfo member) =>
        string.Concat(Attributes(member.GetCustomAttributesData()).Select(text => text + " "));

    private static string Required(MemberInfo member) =>
        Has(member.GetCustomAttributesData(), "RequiredMemberAttribute") ? "required " : "";

    private static string Narrower(MethodInfo accessor, MethodInfo main) =>
        accessor.IsPublic || !main.IsPublic ? "" : "protected ";

    private static bool IsVisible(Type type) =>
        type.IsNested
            ? (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!)
            : type.IsPublic;

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsDelegate(Type type) => type.BaseType == typeof(MulticastDelegate);
}
