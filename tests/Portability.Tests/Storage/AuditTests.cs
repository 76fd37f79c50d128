using Azure;
using Azure.Data.Tables;
using Portability.Storage;
using Portability.Terminations;

namespace Portability.Tests.Storage;

[Collection(StoreCollection.Name)]
public sealed class AuditTests(StoreFixture storage)
{
    private sealed record Contact(string Name, string Email);

    private TerminationStore Store => storage.Store;

    public static TheoryData<string, object> Tampering =>
        new()
        {
            { "Actor", "someone-else" },
            { "At", "2026-01-01T00:00:00.0000000Z" },
            { "Name", "export-erased.v1" },
            { "Body", """{"export":7,"at":"2027-01-04T09:02:00Z","actor":"agent-1"}""" },
            { "Hash", new string('a', 64) },
            { "PreviousHash", new string('b', 64) },
            { "EventId", "0000" },
        };

    [Theory]
    [MemberData(nameof(Tampering))]
    public async Task Load_OfAChangedRow_IsRefusedAndTheAuditNamesIt(string column, object value)
    {
        string id = await ThreeEventsAsync();
        TableEntity row = await storage.Streams.GetEntityAsync<TableEntity>(id, EventRow.KeyOf(2));
        row[column] = value;
        await storage.Streams.UpdateEntityAsync(row, ETag.All, TableUpdateMode.Replace);

        var refused = await Assert.ThrowsAsync<CorruptStreamException>(() => Store.LoadAsync(id, default));
        StreamAudit audit = (await Store.VerifyAsync(id, default))!;

        Assert.InRange(refused.Sequence, 2, 3);
        Assert.False(audit.IsIntact);
        Assert.Contains(audit.Problems, problem => problem.StartsWith("Event 2:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Load_WithAMissingRow_IsRefusedAndTheAuditNamesIt(int sequence)
    {
        string id = await ThreeEventsAsync();
        await storage.Streams.DeleteEntityAsync(id, EventRow.KeyOf(sequence));

        var refused = await Assert.ThrowsAsync<CorruptStreamException>(() => Store.LoadAsync(id, default));

        Assert.Equal(sequence, refused.Sequence);
        Assert.False((await Store.VerifyAsync(id, default))!.IsIntact);
    }

    [Fact]
    public async Task Verify_WithARowThatNoAppendMade_NamesIt()
    {
        string id = await ThreeEventsAsync();
        TableEntity row = await storage.Streams.GetEntityAsync<TableEntity>(id, EventRow.KeyOf(3));
        row.RowKey = EventRow.KeyOf(4);
        row["Sequence"] = 4L;
        await storage.Streams.AddEntityAsync(row);

        StreamAudit audit = (await Store.VerifyAsync(id, default))!;

        Assert.Equal(["Event 4: it is stored, but the head does not count it"], audit.Problems);
    }

    [Fact]
    public async Task Load_OfAnUnknownName_IsRefused()
    {
        string id = StoreFixture.NewId();
        const string body = "{}";
        string hash = EventChain.Hash(
            EventChain.Origin,
            id,
            1,
            "from-the-future.v1",
            "e",
            "2027-01-01T00:00:00.0000000Z",
            "a",
            body
        );
        await storage.Streams.AddEntityAsync(
            new EventRow
            {
                PartitionKey = id,
                RowKey = EventRow.KeyOf(1),
                Sequence = 1,
                Name = "from-the-future.v1",
                EventId = "e",
                At = "2027-01-01T00:00:00.0000000Z",
                Actor = "a",
                PreviousHash = EventChain.Origin,
                Hash = hash,
                Body = body,
            }
        );
        await storage.Streams.AddEntityAsync(HeadRow.Next(null, id, 1, hash, Sample.Summary()));

        await Assert.ThrowsAsync<UnknownEventException>(() => Store.LoadAsync(id, default));
        Assert.Contains(
            "from-the-future.v1",
            Assert.Single((await Store.VerifyAsync(id, default))!.Problems.Take(1)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Verify_OfNoCase_IsNull() => Assert.Null(await Store.VerifyAsync("case-none", default));

    [Fact]
    public async Task PersonalData_ReadsBackUntilRedactedAndTheChainStillVerifies()
    {
        string id = StoreFixture.NewId();
        PersonalRow contact = PersonalRow.Of(new Contact("Zoë", "zoe@example.org"));
        PersonalRow agreement = PersonalRow.Of("AGR-1");
        await Store.AppendAsync(
            id,
            "contact",
            new ContactChanged(contact.Ref, "en") { At = Sample.Start, Actor = "agent-1" },
            personal: contact
        );
        await Store.AppendAsync(
            id,
            "agreement",
            new AssistanceAgreed(agreement.Ref) { At = Sample.Start, Actor = "agent-1" },
            personal: agreement
        );
        string before = (await Store.LoadAsync(id, default))!.LastHash;

        var present = Assert.IsType<PersonalValue<Contact>.Present>(
            await Store.ReadPersonalAsync<Contact>(id, contact.Ref, default)
        );
        Assert.Equal(new Contact("Zoë", "zoe@example.org"), present.Value);
        Assert.Equal((2, 0), Personal((await Store.VerifyAsync(id, default))!));

        Assert.Equal(1, await Store.RedactAsync(id, [contact.Ref], default));
        Assert.Equal("gone", (await Store.ReadPersonalAsync<string>(id, contact.Ref, default)).Or("gone"));
        Assert.Equal("AGR-1", (await Store.ReadPersonalAsync<string>(id, agreement.Ref, default)).Or("gone"));
        Assert.Equal((1, 1), Personal((await Store.VerifyAsync(id, default))!));

        Assert.Equal(1, await Store.RedactAsync(id, null, default));
        Assert.Equal(0, await Store.RedactAsync(id, null, default));
        StreamAudit audit = (await Store.VerifyAsync(id, default))!;
        Assert.Equal((0, 2), Personal(audit));
        Assert.True(audit.IsIntact);
        Assert.Equal(before, (await Store.LoadAsync(id, default))!.LastHash);
        Assert.DoesNotContain(
            storage.Streams.Query<TableEntity>(row => row.PartitionKey == id),
            row => row.Values().Any(value => value.Contains("zoe@", StringComparison.Ordinal))
        );

        static (int, int) Personal(StreamAudit audit) => (audit.PersonalPresent, audit.PersonalRedacted);
    }

    [Fact]
    public async Task PersonalData_ChangedAfterwards_IsRefused()
    {
        string id = StoreFixture.NewId();
        PersonalRow agreement = PersonalRow.Of("AGR-1");
        await Store.AppendAsync(
            id,
            "agreement",
            new AssistanceAgreed(agreement.Ref) { At = Sample.Start, Actor = "agent-1" },
            personal: agreement
        );
        await storage.Streams.UpdateEntityAsync(
            new TableEntity(id, PersonalDataRow.KeyOf(agreement.Ref.Id)) { ["Value"] = "\"AGR-2\"" },
            ETag.All
        );

        await Assert.ThrowsAsync<InvalidDataException>(() =>
            Store.ReadPersonalAsync<string>(id, agreement.Ref, default)
        );
        Assert.False((await Store.VerifyAsync(id, default))!.IsIntact);
    }

    [Fact]
    public void PersonalRow_OfEqualValues_SaysNothingOfTheirEquality()
    {
        (PersonalRow one, PersonalRow other) = (PersonalRow.Of("same"), PersonalRow.Of("same"));
        Assert.NotEqual(one.Ref.Hash, other.Ref.Hash);
        Assert.NotEqual(one.Ref.Id, other.Ref.Id);
        Assert.Throws<ArgumentException>(() => PersonalRow.Of(new string('x', PersonalRow.MaxLength)));
    }

    private async Task<string> ThreeEventsAsync()
    {
        string id = StoreFixture.NewId();
        for (int i = 1; i <= 3; i++)
        {
            await Store.AppendAsync(id, $"cause-{i}", Sample.Export(i));
        }
        Assert.True((await Store.VerifyAsync(id, default))!.IsIntact);
        return id;
    }
}

internal static class Rows
{
    /// <summary>Every property of a row, as text.</summary>
    public static IEnumerable<string> Values(this TableEntity row) =>
        ((IEnumerable<KeyValuePair<string, object>>)row).Select(pair => pair.Value?.ToString() ?? "");
}
