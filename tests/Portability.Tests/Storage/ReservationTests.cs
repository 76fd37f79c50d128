using Portability.Storage;
using Portability.Terminations;

namespace Portability.Tests.Storage;

[Collection(StoreCollection.Name)]
public sealed class ReservationTests(StoreFixture storage)
{
    private readonly string contract = $"K/2027 #{Guid.NewGuid():N} å?";

    private Reservations Reservations => new(storage.Tables, storage.Store);

    [Fact]
    public async Task Reserve_ByManyAtOnce_IsGivenToOne()
    {
        string[] cases = [.. Enumerable.Range(0, 10).Select(_ => StoreFixture.NewId())];

        ReservationOutcome[] outcomes = await Task.WhenAll(
            cases.Select(id => Reservations.ReserveAsync(contract, id, Sample.Start, default))
        );

        string winner = cases[Array.FindIndex(outcomes, outcome => outcome is ReservationOutcome.Reserved)];
        Assert.Equal(9, outcomes.Count(outcome => outcome is ReservationOutcome.Taken taken && taken.CaseId == winner));
        Assert.IsType<ReservationOutcome.Reserved>(await ReserveAsync(winner));
    }

    [Theory]
    [InlineData(Phase.Closed)]
    [InlineData(Phase.Withdrawn)]
    [InlineData(Phase.Reinstated)]
    public async Task Reserve_AfterTheLatestCaseEnded_IsGivenToTheNextOne(Phase end)
    {
        string first = StoreFixture.NewId();
        string second = StoreFixture.NewId();
        await OpenAsync(first);
        Assert.Equal(first, Assert.IsType<ReservationOutcome.Taken>(await ReserveAsync(second)).CaseId);

        await storage.Store.AppendAsync(first, "end", Sample.Export(2), Sample.Summary(end, contract: contract));

        Assert.Equal(first, (await Reservations.LatestCaseAsync(contract, default))!.CaseId);
        Assert.IsType<ReservationOutcome.Reserved>(await ReserveAsync(second));
        // Not opened yet: the latest case is still the first.
        Assert.Equal(first, (await Reservations.LatestCaseAsync(contract, default))!.CaseId);
        await OpenAsync(second);
        Assert.Equal(second, (await Reservations.LatestCaseAsync(contract, default))!.CaseId);
    }

    [Fact]
    public async Task Reserve_OverOneWhoseOpenerDied_IsGivenOnceItIsOldAndTheDeadOpenerCannotComeBack()
    {
        string dead = StoreFixture.NewId();
        string next = StoreFixture.NewId();
        await ReserveAsync(dead);
        Assert.IsType<ReservationOutcome.Taken>(await ReserveAsync(next));

        DateTimeOffset later = Sample.Start + Reservations.HalfMadeAge;
        Assert.IsType<ReservationOutcome.Reserved>(await Reservations.ReserveAsync(contract, next, later, default));

        AppendOutcome back = await storage.Store.AppendAsync(
            CaseStream.Unopened(dead),
            Sample.One(dead, "open", 1),
            [],
            Sample.Summary(contract: contract),
            default
        );
        Assert.IsType<AppendOutcome.Conflict>(back);
        Assert.Null(await storage.Store.LoadAsync(dead, default));
    }

    [Fact]
    public async Task Reserve_AnewAfterBeingFreed_LetsTheSameCaseBeOpened()
    {
        string id = StoreFixture.NewId();
        await ReserveAsync(id);
        HalfMadeReservation half = Assert.Single(await HalfMadeAsync());
        Assert.True(await Reservations.FreeAsync(contract, id, default));

        await Reservations.ReserveAsync(contract, id, Sample.Start.AddMinutes(1), default);
        // A sweep that saw the earlier attempt lets this one be.
        await Reservations.SettleAsync(half, default);
        await OpenAsync(id);

        Assert.Equal(id, (await Reservations.LatestCaseAsync(contract, default))!.CaseId);
    }

    [Fact]
    public async Task Sweep_OfHalfMadeReservations_CompletesTheOpenedAndFreesTheOthers()
    {
        string opened = StoreFixture.NewId();
        await ReserveAsync(opened);
        await storage.Store.AppendAsync(opened, "open", Sample.Export(1), Sample.Summary(contract: contract));
        string other = contract + "-2";
        string unopened = StoreFixture.NewId();
        await Reservations.ReserveAsync(other, unopened, Sample.Start, default);

        Dictionary<string, bool> kept = [];
        foreach (HalfMadeReservation half in await HalfMadeAsync())
        {
            kept[half.ContractId] = await Reservations.SettleAsync(half, default);
        }

        Assert.True(kept[contract]);
        Assert.False(kept[other]);
        Assert.Empty(await HalfMadeAsync());
        Assert.Null(await Reservations.LatestCaseAsync(other, default));
        Assert.IsType<ReservationOutcome.Taken>(await ReserveAsync(StoreFixture.NewId()));
    }

    [Fact]
    public async Task Free_AfterAnEndedCase_LeavesThatCaseTheLatest()
    {
        string ended = StoreFixture.NewId();
        await OpenAsync(ended);
        await storage.Store.AppendAsync(
            ended,
            "end",
            Sample.Export(2),
            Sample.Summary(Phase.Closed, contract: contract)
        );
        string given = StoreFixture.NewId();
        await ReserveAsync(given);

        Assert.True(await Reservations.FreeAsync(contract, given, default));

        Assert.Equal(ended, (await Reservations.LatestCaseAsync(contract, default))!.CaseId);
        Assert.IsType<ReservationOutcome.Reserved>(await ReserveAsync(StoreFixture.NewId()));
    }

    [Fact]
    public async Task Free_OfAnOpenedCase_IsRefused()
    {
        string id = StoreFixture.NewId();
        await OpenAsync(id);
        Assert.False(await Reservations.FreeAsync(contract, id, default));
        Assert.IsType<ReservationOutcome.Taken>(await ReserveAsync(StoreFixture.NewId()));
    }

    private Task<ReservationOutcome> ReserveAsync(string id) =>
        Reservations.ReserveAsync(contract, id, Sample.Start, default);

    private async Task OpenAsync(string id)
    {
        await ReserveAsync(id);
        await storage.Store.AppendAsync(id, "open", Sample.Export(1), Sample.Summary(contract: contract));
        await Reservations.ConfirmAsync(contract, id, default);
    }

    private async Task<List<HalfMadeReservation>> HalfMadeAsync()
    {
        List<HalfMadeReservation> mine = [];
        await foreach (HalfMadeReservation half in Reservations.HalfMadeAsync(Sample.Start.AddDays(1), default))
        {
            if (half.ContractId.StartsWith(contract, StringComparison.Ordinal))
            {
                mine.Add(half);
            }
        }
        return mine;
    }
}
