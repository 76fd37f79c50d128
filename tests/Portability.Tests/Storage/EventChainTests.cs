using Portability.Storage;

namespace Portability.Tests.Storage;

public sealed class EventChainTests
{
    [Fact]
    public void Hash_OfAKnownEvent_NeverChanges() =>
        Assert.Equal(
            KnownHash,
            EventChain.Hash(
                EventChain.Origin,
                "case-1",
                1,
                "term-ended.v1",
                "e-1",
                "2027-04-01T00:00:00.0000000Z",
                "system",
                "{}"
            )
        );

    // Computed apart from this code, from the encoding in docs/decisions/003-the-event-store.md.
    private const string KnownHash = "6b25aab7adac7691487eeb1ac1952e624442bdce653e537fd62cdc5565d38114";

    [Fact]
    public void Hash_OfFieldsThatReadTheSameJoined_Differs()
    {
        string one = EventChain.Hash(EventChain.Origin, "c", 1, "ab", "c", "t", "a", "{}");
        string other = EventChain.Hash(EventChain.Origin, "c", 1, "a", "bc", "t", "a", "{}");
        Assert.NotEqual(one, other);
    }

    [Fact]
    public void EventId_IsAVersion5UuidOfItsCause()
    {
        // The example of RFC 9562, appendix A.4.
        var dns = new Guid("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
        Assert.Equal(new Guid("2ed6657d-e927-568b-95e1-2665a8aea6a2"), EventIds.Version5(dns, "www.example.com"));

        Assert.Equal(EventIds.For("c", "cause", 0), EventIds.For("c", "cause", 0));
        string[] others =
        [
            EventIds.For("c", "cause", 1),
            EventIds.For("c", "caus", 0),
            EventIds.For("cc", "ause", 0),
            EventIds.For("d", "cause", 0),
        ];
        Assert.DoesNotContain(EventIds.For("c", "cause", 0), others);
        Assert.Equal(4, others.Distinct().Count());
    }
}
