using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Portability.Terminations;
using static Portability.Tests.Terminations.Sample;

namespace Portability.Tests.Terminations;

/// <summary>
/// What is stored stays readable: one approved file for each stored name, compared byte for byte. A file that is
/// missing is written beside its place as <c>.received</c>, to be judged and renamed by hand.
/// </summary>
public sealed partial class EventCodecTests
{
    private static readonly DateTimeOffset At = Given.Instant("2027-04-10T08:09:10.1234567Z");

    private static readonly TerminationEvent[] Representatives =
    [
        Opened(),
        NoticeGiven("2027-02-10T08:00:00Z", "2027-03-31", kind: NoticeKind.ErasureOnly),
        new LateNoticeAccepted(Day("2027-03-31")),
        new NoticeWithdrawn(Given.Instant("2027-03-20T08:00:00Z"), "letter", Ref("reference")),
        new ContactChanged(Ref("contact"), "nb"),
        new CustomerLinkIssued("link-1", Given.Instant("2027-06-29T22:00:00Z")),
        new CustomerLinkRevoked("link-1"),
        new TermEnded(),
        new AccessFrozen(),
        new WindowMoved(Given.Instant("2027-09-30T22:00:00Z")),
        new ExportRequested(2, Given.Instant("2027-04-10T08:00:00Z"), ["users"], ["csv", "json"]),
        new DatasetExported(2, "users", 3, 40_000, 5_000_000_000),
        new ExportReady(2, Hash, 12, 345, 6789),
        new ExportFailed(2, null, "source-down"),
        new ExportCancelled(2),
        new ExportErased(2),
        new LinksIssued(2, 12, Given.Instant("2027-04-10T09:00:00Z")),
        new TransferConfirmed(2, Hash, EraseEarly: true),
        new ConfirmationRevoked(),
        new AssistanceAgreed(Ref("agreement")),
        Hold("hold-1", "2028-01-01", "users", "courses"),
        new HoldReleased("hold-1"),
        new HoldExpired("hold-1"),
        new ApprovalRequested("approval-1", ApprovalSubject.HoldRelease, "hold-1", Reason),
        new ApprovalGiven("approval-1"),
        new ApprovalRejected("approval-1", null),
        new MessageIntended("m@portability", MessageKind.WindowClosing, At, "en", Ref("contact")),
        new MessageSent("m@portability"),
        new MessageBounced("m@portability", "550"),
        new ErasureStarted(1, ErasureKind.Full, Early: true, []) { Processors = ["mail-service"] },
        new DatasetErased(1, "users", 42, 40, 1, 1),
        new DatasetRetained(1, "invoices", "bookkeeping", "Bokföringslagen 7 kap. 2 §", 9, Day("2034-01-01")),
        new ResidueFound(1, "users", 3),
        Verified(1, ("users", ErasureOutcome.Verified), ("logs", ErasureOutcome.Unproven)),
        new ProcessorCommanded(1, "mail-service", Given.Instant("2027-08-01")),
        new ProcessorChased(1, "mail-service"),
        new ProcessorAcknowledged(1, "mail-service", 42, "job-7"),
        new ProcessorAsked(1, "mail-service", Given.Instant("2027-08-02")),
        new ProcessorAnswered(1, "mail-service", 3),
        new CertificateIssued(1, 1, Hash),
        new RetainedDataErased(2, "invoices", 9, Day("2034-01-01")),
        new AttentionRaised("item-1", "export:2", "source-down", 3, Given.Instant("2027-04-11")),
        new AttentionSettled("item-1", AttentionAction.Abandon, Reason),
        new PersonalDataRedacted(6),
        new Reinstated(),
        new AccountClosed(),
    ];

    public static TheoryData<string> StoredNames => new(EventCodec.Registry.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(StoredNames))]
    public void StoredEvent_OfEachName_IsAsApproved(string name)
    {
        byte[] body = EventCodec.Encode(Representative(name)).Body;
        string file = Path.Combine(ApprovedFolder(), name + ".json");
        if (!File.Exists(file))
        {
            File.WriteAllBytes(file + ".received", body);
            Assert.Fail($"No approved file for {name}: judge {file}.received and rename it.");
        }
        Assert.Equal(Encoding.UTF8.GetString(File.ReadAllBytes(file)), Encoding.UTF8.GetString(body));
    }

    [Theory]
    [MemberData(nameof(StoredNames))]
    public void StoredEvent_ReadBack_IsTheSame(string name)
    {
        TerminationEvent e = Representative(name);
        (string stored, byte[] body) = EventCodec.Encode(e);
        Assert.Equal(name, stored);
        TerminationEvent read = EventCodec.Decode(stored, body);
        Assert.Equal(e.GetType(), read.GetType());
        Assert.Equivalent(e, read, strict: true);
        Assert.Equal(body, EventCodec.Encode(read).Body);
    }

    [Theory]
    [MemberData(nameof(StoredNames))]
    public void StoredEvent_WithoutAnyOneMember_IsRefused(string name)
    {
        JsonObject body = BodyOf(name);
        foreach (string member in body.Select(p => p.Key).ToList())
        {
            JsonObject shorter = body.DeepClone().AsObject();
            shorter.Remove(member);
            Assert.True(Refuses(name, shorter), $"{name} without {member} was read.");
        }
    }

    [Theory]
    [MemberData(nameof(StoredNames))]
    public void StoredEvent_WithAnUnknownMember_IsRefused(string name)
    {
        JsonObject body = BodyOf(name);
        body["surprise"] = 1;
        Assert.True(Refuses(name, body));
    }

    [Fact]
    public void StoredPolicy_WithoutANumber_IsRefused()
    {
        JsonObject body = BodyOf("termination-opened.v1");
        body["policy"]!.AsObject().Remove("windowDays");
        Assert.True(Refuses("termination-opened.v1", body));
    }

    [Theory]
    [InlineData("""{"number":1,"run":1,"sha256":null,"at":"2027-04-10T08:00:00Z","actor":"system"}""")]
    [InlineData("""{"number":1,"number":2,"run":1,"sha256":"a","at":"2027-04-10T08:00:00Z","actor":"system"}""")]
    [InlineData("""{"number":"1","run":1,"sha256":"a","at":"2027-04-10T08:00:00Z","actor":"system"}""")]
    [InlineData("""{"Number":1,"run":1,"sha256":"a","at":"2027-04-10T08:00:00Z","actor":"system"}""")]
    [InlineData("""{"number":1,"run":1,"sha256":"a","at":"2027-04-10T08:00:00","actor":"system"}""")]
    [InlineData("null")]
    public void StoredEvent_OfAnotherShape_IsRefused(string body) =>
        Assert.ThrowsAny<JsonException>(() => EventCodec.Decode("certificate-issued.v1", Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("certificate-issued.v2")]
    [InlineData("Certificate-Issued.v1")]
    [InlineData("CertificateIssued")]
    public void StoredName_ThatIsUnknown_IsAnError(string name) =>
        Assert.Equal(name, Assert.Throws<UnknownEventException>(() => EventCodec.Decode(name, "{}"u8)).Name);

    [Fact]
    public void StoredInstant_OfAnyOffset_IsWrittenInUtc()
    {
        var e = new TermEnded { At = new DateTimeOffset(2027, 4, 1, 0, 0, 0, TimeSpan.FromHours(2)) };
        string body = Encoding.UTF8.GetString(EventCodec.Encode(e).Body);
        Assert.Contains("\"2027-03-31T22:00:00Z\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryEvent_IsASealedImmutableRegisteredRecord()
    {
        Type[] events = [.. typeof(TerminationEvent).Assembly.GetTypes().Where(Is<TerminationEvent>)];
        Assert.Equal(events.ToHashSet(), EventCodec.Registry.Values.ToHashSet());
        Assert.Equal(events.Length, Representatives.Select(e => e.GetType()).Distinct().Count());
        Assert.All(events, AssertImmutable);
        AssertImmutable(typeof(TerminationPolicy));
    }

    [Fact]
    public void EveryCommandAndStep_IsASealedImmutableRecord()
    {
        Type[] all = typeof(TerminationCommand).Assembly.GetTypes();
        Assert.All(all.Where(Is<TerminationCommand>), AssertImmutable);
        Assert.All(all.Where(Is<NextStep>), AssertImmutable);
    }

    [Fact]
    public void StoredNames_AreThoseOfTheContract()
    {
        string[] contract =
        [
            .. """
                termination-opened notice-given late-notice-accepted notice-withdrawn term-ended access-frozen window-moved
                export-requested dataset-exported export-ready export-failed export-cancelled export-erased links-issued
                transfer-confirmed confirmation-revoked assistance-agreed hold-placed hold-released hold-expired
                approval-requested approval-given approval-rejected message-intended message-sent message-bounced
                erasure-started dataset-erased dataset-retained residue-found erasure-verified processor-commanded
                processor-acknowledged processor-chased processor-asked processor-answered certificate-issued retained-data-erased attention-raised attention-settled
                personal-data-redacted reinstated account-closed
                contact-changed customer-link-issued customer-link-revoked
                """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
        ];
        Assert.Equal(
            contract.Select(name => name + ".v1").Order(StringComparer.Ordinal),
            EventCodec.Registry.Keys.Order(StringComparer.Ordinal)
        );
        Assert.All(EventCodec.Registry.Keys, name => Assert.Matches(StoredName(), name));
    }

    private static bool Is<T>(Type type) => type.IsSubclassOf(typeof(T)) && !type.IsAbstract;

    private static void AssertImmutable(Type type)
    {
        Assert.True(type.IsSealed, $"{type.Name} is not sealed.");
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            bool settable =
                property.SetMethod is { } set
                && !set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
            Assert.False(settable, $"{type.Name}.{property.Name} can be set after creation.");
            Assert.False(property.PropertyType.IsArray, $"{type.Name}.{property.Name} is an array.");
        }
    }

    private static TerminationEvent Representative(string name) =>
        Representatives.Single(e => EventCodec.NameOf(e) == name) with
        {
            At = At,
            Actor = "agent-1",
        };

    private static JsonObject BodyOf(string name) =>
        JsonNode.Parse(EventCodec.Encode(Representative(name)).Body)!.AsObject();

    private static bool Refuses(string name, JsonObject body)
    {
        try
        {
            EventCodec.Decode(name, Encoding.UTF8.GetBytes(body.ToJsonString()));
            return false;
        }
        catch (JsonException)
        {
            return true;
        }
    }

    private static string ApprovedFolder([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "Approved");

    [GeneratedRegex("^[a-z]+(-[a-z]+)*\\.v[1-9][0-9]*$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex StoredName();
}
