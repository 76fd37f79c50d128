using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Portability.Tests.Architecture;

/// <summary>Turns a signature into the names of all types in it, generic arguments and element types included.</summary>
internal sealed class NameProvider : ISignatureTypeProvider<ImmutableHashSet<string>, MetadataReader>
{
    private static readonly ImmutableHashSet<string> None = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    public ImmutableHashSet<string> GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte kind)
    {
        TypeDefinition type = reader.GetTypeDefinition(handle);
        return type.GetDeclaringType() is { IsNil: false } outer
            ? GetTypeFromDefinition(reader, outer, kind)
            : None.Add(Join(reader, type.Namespace, type.Name));
    }

    public ImmutableHashSet<string> GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte kind)
    {
        TypeReference type = reader.GetTypeReference(handle);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, kind)
            : None.Add(Join(reader, type.Namespace, type.Name));
    }

    public ImmutableHashSet<string> GetTypeFromSpecification(
        MetadataReader reader,
        MetadataReader context,
        TypeSpecificationHandle handle,
        byte kind
    ) => reader.GetTypeSpecification(handle).DecodeSignature(this, context);

    public ImmutableHashSet<string> GetGenericInstantiation(
        ImmutableHashSet<string> type,
        ImmutableArray<ImmutableHashSet<string>> arguments
    ) => arguments.Aggregate(type, (all, a) => all.Union(a));

    public ImmutableHashSet<string> GetFunctionPointerType(MethodSignature<ImmutableHashSet<string>> signature) =>
        signature.ParameterTypes.Aggregate(signature.ReturnType, (all, p) => all.Union(p));

    public ImmutableHashSet<string> GetModifiedType(
        ImmutableHashSet<string> modifier,
        ImmutableHashSet<string> unmodified,
        bool isRequired
    ) => unmodified.Union(modifier);

    public ImmutableHashSet<string> GetArrayType(ImmutableHashSet<string> element, ArrayShape shape) => element;

    public ImmutableHashSet<string> GetSZArrayType(ImmutableHashSet<string> element) => element;

    public ImmutableHashSet<string> GetByReferenceType(ImmutableHashSet<string> element) => element;

    public ImmutableHashSet<string> GetPointerType(ImmutableHashSet<string> element) => element;

    public ImmutableHashSet<string> GetPinnedType(ImmutableHashSet<string> element) => element;

    public ImmutableHashSet<string> GetPrimitiveType(PrimitiveTypeCode typeCode) => None;

    public ImmutableHashSet<string> GetGenericMethodParameter(MetadataReader context, int index) => None;

    public ImmutableHashSet<string> GetGenericTypeParameter(MetadataReader context, int index) => None;

    private static string Join(MetadataReader reader, StringHandle space, StringHandle name) =>
        reader.GetString(space) + "." + reader.GetString(name);
}
