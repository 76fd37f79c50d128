using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Portability.Terminations;

/// <summary>An event was stored under a name that this version does not know; skipping it would falsify the case.</summary>
public sealed class UnknownEventException(string name)
    : Exception($"The stored event '{name}' is unknown to this version: run a version that knows it.")
{
    public string Name { get; } = name;
}

/// <summary>
/// Stable stored names (<c>notice-given.v1</c>, never a CLR name) and JSON bodies of events. A changed shape gets a
/// new version and a pure upcaster from the old one.
/// </summary>
public static class EventCodec
{
    private static readonly Dictionary<string, Type> Types = new(StringComparer.Ordinal)
    {
        ["termination-opened.v1"] = typeof(TerminationOpened),
        ["notice-given.v1"] = typeof(NoticeGiven),
        ["late-notice-accepted.v1"] = typeof(LateNoticeAccepted),
        ["notice-withdrawn.v1"] = typeof(NoticeWithdrawn),
        ["contact-changed.v1"] = typeof(ContactChanged),
        ["customer-link-issued.v1"] = typeof(CustomerLinkIssued),
        ["customer-link-revoked.v1"] = typeof(CustomerLinkRevoked),
        ["term-ended.v1"] = typeof(TermEnded),
        ["access-frozen.v1"] = typeof(AccessFrozen),
        ["window-moved.v1"] = typeof(WindowMoved),
        ["export-requested.v1"] = typeof(ExportRequested),
        ["dataset-exported.v1"] = typeof(DatasetExported),
        ["export-ready.v1"] = typeof(ExportReady),
        ["export-failed.v1"] = typeof(ExportFailed),
        ["export-cancelled.v1"] = typeof(ExportCancelled),
        ["export-erased.v1"] = typeof(ExportErased),
        ["links-issued.v1"] = typeof(LinksIssued),
        ["transfer-confirmed.v1"] = typeof(TransferConfirmed),
        ["confirmation-revoked.v1"] = typeof(ConfirmationRevoked),
        ["assistance-agreed.v1"] = typeof(AssistanceAgreed),
        ["hold-placed.v1"] = typeof(HoldPlaced),
        ["hold-released.v1"] = typeof(HoldReleased),
        ["hold-expired.v1"] = typeof(HoldExpired),
        ["approval-requested.v1"] = typeof(ApprovalRequested),
        ["approval-given.v1"] = typeof(ApprovalGiven),
        ["approval-rejected.v1"] = typeof(ApprovalRejected),
        ["message-intended.v1"] = typeof(MessageIntended),
        ["message-sent.v1"] = typeof(MessageSent),
        ["message-bounced.v1"] = typeof(MessageBounced),
        ["erasure-started.v1"] = typeof(ErasureStarted),
        ["dataset-erased.v1"] = typeof(DatasetErased),
        ["dataset-retained.v1"] = typeof(DatasetRetained),
        ["residue-found.v1"] = typeof(ResidueFound),
        ["erasure-verified.v1"] = typeof(ErasureVerified),
        ["processor-commanded.v1"] = typeof(ProcessorCommanded),
        ["processor-chased.v1"] = typeof(ProcessorChased),
        ["processor-acknowledged.v1"] = typeof(ProcessorAcknowledged),
        ["processor-asked.v1"] = typeof(ProcessorAsked),
        ["processor-answered.v1"] = typeof(ProcessorAnswered),
        ["certificate-issued.v1"] = typeof(CertificateIssued),
        ["retained-data-erased.v1"] = typeof(RetainedDataErased),
        ["attention-raised.v1"] = typeof(AttentionRaised),
        ["attention-settled.v1"] = typeof(AttentionSettled),
        ["personal-data-redacted.v1"] = typeof(PersonalDataRedacted),
        ["reinstated.v1"] = typeof(Reinstated),
        ["account-closed.v1"] = typeof(AccountClosed),
    };

    private static readonly Dictionary<Type, string> Names = Types.ToDictionary(t => t.Value, t => t.Key);

    /// <summary>The JSON of stored events, and of anything shown in the same words: camelCase, enums by name.</summary>
    public static JsonSerializerOptions Json { get; } = CreateOptions();

    /// <summary>Every stored name with its type.</summary>
    public static IReadOnlyDictionary<string, Type> Registry => Types;

    public static string NameOf(TerminationEvent e) =>
        Names.TryGetValue(e.GetType(), out string? name)
            ? name
            : throw new InvalidOperationException($"{e.GetType().Name} has no stored name in {nameof(EventCodec)}.");

    public static (string Name, byte[] Body) Encode(TerminationEvent e) =>
        (NameOf(e), JsonSerializer.SerializeToUtf8Bytes(e, e.GetType(), Json));

    /// <exception cref="UnknownEventException">The name is not registered.</exception>
    /// <exception cref="JsonException">The body does not have the shape of its name.</exception>
    public static TerminationEvent Decode(string name, ReadOnlySpan<byte> body)
    {
        if (!Types.TryGetValue(name, out Type? type))
        {
            throw new UnknownEventException(name);
        }
        return (TerminationEvent?)JsonSerializer.Deserialize(body, type, Json)
            ?? throw new JsonException($"The body of '{name}' is null.");
    }

    private static JsonSerializerOptions CreateOptions()
    {
        var resolver = new DefaultJsonTypeInfoResolver();
        resolver.Modifiers.Add(RequireStoredMembers);
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            TypeInfoResolver = resolver,
            // Stored for years: a member that is missing, null or unknown is a fault, not a default.
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            AllowDuplicateProperties = false,
            NumberHandling = JsonNumberHandling.Strict,
            PropertyNameCaseInsensitive = false,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new UtcInstantConverter());
        options.MakeReadOnly();
        return options;
    }

    /// <summary>
    /// Init-only members have defaults that suit new events. A stored one that lacks its time, or a number of its
    /// policy, must not get today's default in its place.
    /// </summary>
    private static void RequireStoredMembers(JsonTypeInfo type)
    {
        if (type.Type.IsSubclassOf(typeof(TerminationEvent)) || type.Type == typeof(TerminationPolicy))
        {
            foreach (JsonPropertyInfo property in type.Properties)
            {
                property.IsRequired = true;
            }
        }
    }

    /// <summary>Instants as RFC 3339 in UTC, to the 100 ns that .NET keeps.</summary>
    private sealed class UtcInstantConverter : JsonConverter<DateTimeOffset>
    {
        private const string Format = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions o)
        {
            if (reader.TokenType != JsonTokenType.String || !reader.TryGetDateTimeOffset(out DateTimeOffset instant))
            {
                throw new JsonException("Not an instant of RFC 3339.");
            }
            // Without an offset it would be read in whatever time zone this machine is set to.
            string text = reader.GetString()!;
            bool saysWhere =
                text[^1] is 'Z' or 'z' || text.LastIndexOfAny(['+', '-']) > text.IndexOf('T', StringComparison.Ordinal);
            return saysWhere && text.Contains('T', StringComparison.Ordinal)
                ? instant.ToUniversalTime()
                : throw new JsonException("An instant states its offset, such as Z.");
        }

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions o) =>
            writer.WriteStringValue(value.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture));
    }
}
