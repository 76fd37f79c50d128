using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Portability.Terminations;

namespace Portability.Tests.Architecture;

/// <summary>What one of the app's types uses, read from the compiled assembly's own metadata and IL.</summary>
/// <param name="Namespace">Where the type stands, nested and compiler-made ones with the type around them.</param>
/// <param name="Type">The outermost type's name.</param>
/// <param name="Uses">Types it names: <c>Namespace.Name</c>.</param>
/// <param name="Calls">Members it calls: <c>Namespace.Type::Member</c>.</param>
internal sealed record TypeUse(
    string Namespace,
    string Type,
    ImmutableHashSet<string> Uses,
    ImmutableHashSet<string> Calls
);

/// <summary>
/// Reads the app's assembly with <see cref="MetadataReader"/>. Signatures, base types, attributes and every metadata
/// token in a method's IL count; what nobody mentions in code cannot be used.
/// </summary>
internal sealed class AppAssembly
{
    private readonly MetadataReader reader;
    private readonly PEReader file;
    private readonly NameProvider names;

    private AppAssembly(PEReader file)
    {
        this.file = file;
        reader = file.GetMetadataReader();
        names = new NameProvider();
    }

    /// <summary>The outermost types of the app, each with what it and all that is nested in it uses.</summary>
    public static IReadOnlyList<TypeUse> Types { get; } = Load(typeof(Termination).Assembly.Location);

    /// <summary>Names of the assemblies that the app refers to.</summary>
    public static IReadOnlyList<string> References { get; } =
    [.. typeof(Termination).Assembly.GetReferencedAssemblies().Select(a => a.Name!)];

    /// <summary>The same reading of any assembly, so that the reading itself can be tested.</summary>
    public static IReadOnlyList<TypeUse> Load(string path)
    {
        using var assembly = new PEReader(File.OpenRead(path));
        return new AppAssembly(assembly).Read();
    }

    private List<TypeUse> Read() =>
        [
            .. reader
                .TypeDefinitions.Select(handle => (Handle: handle, Outer: Outermost(handle)))
                .GroupBy(t => t.Outer)
                .Select(group => Describe(group.Key, group.Select(t => t.Handle))),
        ];

    private TypeUse Describe(TypeDefinitionHandle outer, IEnumerable<TypeDefinitionHandle> all)
    {
        TypeDefinition type = reader.GetTypeDefinition(outer);
        var uses = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        var calls = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (TypeDefinition part in all.Select(reader.GetTypeDefinition))
        {
            Add(uses, part.BaseType);
            foreach (InterfaceImplementationHandle i in part.GetInterfaceImplementations())
            {
                Add(uses, reader.GetInterfaceImplementation(i).Interface);
            }
            foreach (FieldDefinitionHandle f in part.GetFields())
            {
                uses.UnionWith(reader.GetFieldDefinition(f).DecodeSignature(names, reader));
            }
            foreach (MethodDefinition method in part.GetMethods().Select(reader.GetMethodDefinition))
            {
                Add(uses, method.DecodeSignature(names, reader));
                ReadBody(method, uses, calls);
            }
        }
        return new TypeUse(
            reader.GetString(type.Namespace),
            reader.GetString(type.Name),
            uses.ToImmutable(),
            calls.ToImmutable()
        );
    }

    private void ReadBody(
        MethodDefinition method,
        ImmutableHashSet<string>.Builder uses,
        ImmutableHashSet<string>.Builder calls
    )
    {
        if (method.RelativeVirtualAddress == 0)
        {
            return;
        }
        MethodBodyBlock body = file.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
        {
            foreach (
                var local in reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(names, reader)
            )
            {
                uses.UnionWith(local);
            }
        }
        foreach (EntityHandle token in Il.Tokens(body.GetILReader()))
        {
            AddMember(token, uses, calls);
        }
    }

    private void AddMember(
        EntityHandle token,
        ImmutableHashSet<string>.Builder uses,
        ImmutableHashSet<string>.Builder calls
    )
    {
        switch (token.Kind)
        {
            case HandleKind.MethodSpecification:
                MethodSpecification generic = reader.GetMethodSpecification((MethodSpecificationHandle)token);
                uses.UnionWith(generic.DecodeSignature(names, reader).SelectMany(t => t));
                AddMember(generic.Method, uses, calls);
                break;
            case HandleKind.MemberReference:
                MemberReference member = reader.GetMemberReference((MemberReferenceHandle)token);
                Called(TypesOf(member.Parent), reader.GetString(member.Name));
                if (member.GetKind() == MemberReferenceKind.Method)
                {
                    Add(uses, member.DecodeMethodSignature(names, reader));
                }
                break;
            case HandleKind.MethodDefinition:
                MethodDefinition own = reader.GetMethodDefinition((MethodDefinitionHandle)token);
                Called(TypesOf(own.GetDeclaringType()), reader.GetString(own.Name));
                break;
            case HandleKind.FieldDefinition:
                FieldDefinition field = reader.GetFieldDefinition((FieldDefinitionHandle)token);
                Called(TypesOf(field.GetDeclaringType()), reader.GetString(field.Name));
                break;
            default:
                Add(uses, token);
                break;
        }

        void Called(ImmutableHashSet<string> types, string member)
        {
            uses.UnionWith(types);
            calls.UnionWith(types.Select(t => $"{t}::{member}"));
        }
    }

    private void Add(ImmutableHashSet<string>.Builder uses, EntityHandle type) => uses.UnionWith(TypesOf(type));

    private static void Add(ImmutableHashSet<string>.Builder uses, MethodSignature<ImmutableHashSet<string>> signature)
    {
        uses.UnionWith(signature.ReturnType);
        uses.UnionWith(signature.ParameterTypes.SelectMany(t => t));
    }

    private ImmutableHashSet<string> TypesOf(EntityHandle handle) =>
        handle.IsNil
            ? []
            : handle.Kind switch
            {
                HandleKind.TypeDefinition => names.GetTypeFromDefinition(reader, (TypeDefinitionHandle)handle, 0),
                HandleKind.TypeReference => names.GetTypeFromReference(reader, (TypeReferenceHandle)handle, 0),
                HandleKind.TypeSpecification => reader
                    .GetTypeSpecification((TypeSpecificationHandle)handle)
                    .DecodeSignature(names, reader),
                _ => [],
            };

    private TypeDefinitionHandle Outermost(TypeDefinitionHandle handle)
    {
        TypeDefinitionHandle around = reader.GetTypeDefinition(handle).GetDeclaringType();
        return around.IsNil ? handle : Outermost(around);
    }
}
