using Portability.Storage;
using Portability.Terminations;
using Portability.Workflow;

namespace Portability.Tests.Workflow;

public sealed class WorkflowTests
{
    [Fact]
    public async Task Case_LeftAlone_IsErasedCertifiedAndClosedOnItsDays()
    {
        await using AppHost app = await AppHost.StartAsync();
        string caseId = await app.OpenAsync();
        await app.Orchestrations.StartCaseAsync(caseId, CancellationToken.None);

        await app.SettleAsync(AppHost.Start.AddDays(44));
        Assert.Equal(Phase.UnderNotice, (await app.StateAsync(caseId)).Phase);

        await app.SettleAsync(AppHost.Start.AddDays(47));
        Termination window = await app.StateAsync(caseId);
        Assert.Equal(Phase.ExportWindow, window.Phase);
        Assert.True(window.AccessIsFrozen);

        await app.SettleAsync(window.ErasureOpens.AddMinutes(-1));
        Assert.Equal(Phase.ExportWindow, (await app.StateAsync(caseId)).Phase);

        await app.SettleAsync(window.ErasureOpens.AddDays(1));
        Termination closed = await app.StateAsync(caseId);
        Assert.Equal(Phase.Closed, closed.Phase);
        Assert.Single(closed.Certificates);
        Assert.Empty(closed.Attention);
        Assert.True(closed.IsRetaining);
    }

    [Fact]
    public async Task Nudge_WhileTheLoopWaits_IsActedOnAtOnce()
    {
        await using AppHost app = await AppHost.StartAsync();
        string caseId = await app.OpenAsync();
        await app.Orchestrations.StartCaseAsync(caseId, CancellationToken.None);
        await app.SettleAsync(AppHost.Start.AddDays(50));
        CommandOutcome asked = await app.AskExportAsync(caseId);
        var accepted = Assert.IsType<CommandOutcome.Accepted>(asked);

        await app.Orchestrations.NudgeAsync(caseId, accepted.Case.State.Version, CancellationToken.None);
        await app.SettleAsync(app.Clock.GetUtcNow().AddSeconds(30));

        Assert.Equal(ExportStatus.Ready, (await app.StateAsync(caseId)).Exports[0].Status);
        Assert.True(await app.Orchestrations.IsAliveAsync(caseId, CancellationToken.None));
    }

    [Fact]
    public async Task Nudge_Lost_IsFoundByTheSweep()
    {
        await using AppHost app = await AppHost.StartAsync();
        string caseId = await app.OpenAsync();
        await app.Orchestrations.StartCaseAsync(caseId, CancellationToken.None);
        await app.SettleAsync(AppHost.Start.AddDays(50));

        // Appended, and the process died before it could tell the loop.
        CommandOutcome asked = await app.AskExportAsync(caseId);
        Assert.IsType<CommandOutcome.Accepted>(asked);

        await app.SettleAsync(AppHost.Start.AddDays(52));

        Assert.True(await app.Orchestrations.IsAliveAsync(caseId, CancellationToken.None));
        Assert.Equal(ExportStatus.Ready, (await app.StateAsync(caseId)).Exports[0].Status);
    }

    [Fact]
    public async Task Orchestration_PurgedMidCase_IsStartedAgainByTheSweep()
    {
        await using AppHost app = await AppHost.StartAsync();
        string caseId = await app.OpenAsync();
        await app.Orchestrations.StartCaseAsync(caseId, CancellationToken.None);
        await app.SettleAsync(AppHost.Start.AddDays(20));

        await app.Client.TerminateInstanceAsync(caseId, output: null, CancellationToken.None);
        await app.Client.WaitForInstanceCompletionAsync(caseId, CancellationToken.None);
        await app.Client.PurgeInstanceAsync(caseId, CancellationToken.None);
        Assert.Null(await app.Client.GetInstanceAsync(caseId, CancellationToken.None));

        await app.SettleAsync(AppHost.Start.AddDays(50));

        Termination state = await app.StateAsync(caseId);
        Assert.Equal(Phase.ExportWindow, state.Phase);
        IReadOnlyList<string> names = await app.EventNamesAsync(caseId);
        Assert.Single(names, "term-ended.v1");
        Assert.Single(names, "access-frozen.v1");
        Assert.Equal(state.Messages.Count, names.Count(n => n == "message-sent.v1"));
    }

    [Fact]
    public async Task KeyOfACall_IsKeptForThirtyDaysAndThenForgottenByTheSweep()
    {
        await using AppHost app = await AppHost.StartAsync();
        var keys = app.Get<IdempotencyStore>();
        var scope = new IdempotencyScope("agent-1", "POST /api/v1/terminations", "key-1");
        string body = IdempotencyStore.BodyHash("{}"u8);
        await keys.BeginAsync(scope, body, CancellationToken.None);
        var answer = new IdempotentAnswer(201, new Dictionary<string, string> { ["caseId"] = "c-1" });
        await keys.CompleteAsync(scope, body, answer, CancellationToken.None);

        await app.SettleAsync(AppHost.Start.AddDays(29));
        Assert.IsType<IdempotencyOutcome.Completed>(await keys.BeginAsync(scope, body, CancellationToken.None));

        await app.SettleAsync(AppHost.Start.AddDays(62));
        var again = Assert.IsType<IdempotencyOutcome.Begun>(await keys.BeginAsync(scope, body, CancellationToken.None));
        Assert.False(again.Again);
    }

    [Fact]
    public async Task Case_StartedTwice_RunsOnce()
    {
        await using AppHost app = await AppHost.StartAsync();
        string caseId = await app.OpenAsync();

        await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => app.Orchestrations.StartCaseAsync(caseId, CancellationToken.None))
        );
        await app.SettleAsync(AppHost.Start.AddDays(50));

        IReadOnlyList<string> names = await app.EventNamesAsync(caseId);
        Assert.Single(names, "term-ended.v1");
        Assert.Equal(names.Count(n => n == "message-intended.v1"), names.Count(n => n == "message-sent.v1"));
    }

    [Fact]
    public async Task Opening_OfAContractWithAnOpenCase_IsRefused()
    {
        await using AppHost app = await AppHost.StartAsync();
        string first = await app.OpenAsync("one");

        ReservationOutcome second = await app.Get<Reservations>()
            .ReserveAsync(
                app.Lms.Leaving.ContractNumber,
                Openings.CaseIdFor(app.Lms.Leaving.ContractNumber, "two"),
                AppHost.Start,
                CancellationToken.None
            );

        Assert.Equal(new ReservationOutcome.Taken(first), second);
    }

    [Fact]
    public async Task Hold_PlacedBeforeErasureOpens_StopsItUntilReleased()
    {
        await using AppHost app = await AppHost.StartAsync();
        string caseId = await app.OpenAsync();
        await app.Orchestrations.StartCaseAsync(caseId, CancellationToken.None);
        await app.SettleAsync(AppHost.Start.AddDays(50));
        Termination window = await app.StateAsync(caseId);
        PersonalRow why = PersonalRow.Of("dispute over the last invoice");
        await app.Cases.ExecuteAsync(
            caseId,
            new PlaceHold(why.Ref, why.Ref, [], Until: window.ErasureOpens.AddDays(30)) { Actor = "officer-1" },
            "hold-1",
            [why],
            expectedVersion: null,
            CancellationToken.None
        );

        await app.SettleAsync(window.ErasureOpens.AddDays(29));
        Assert.False((await app.StateAsync(caseId)).ErasureHasStarted);

        await app.SettleAsync(window.ErasureOpens.AddDays(32));
        Assert.Equal(Phase.Closed, (await app.StateAsync(caseId)).Phase);
    }

    [Fact]
    public async Task Hold_OnAnotherCaseOfTheCustomer_KeepsTheSharedDataToo()
    {
        await using AppHost app = await AppHost.StartAsync();
        string disputed = await app.OpenAsync("first", "K-1");
        string other = await app.OpenAsync("second", "K-2");
        await app.Orchestrations.StartCaseAsync(disputed, CancellationToken.None);
        await app.Orchestrations.StartCaseAsync(other, CancellationToken.None);
        PersonalRow why = PersonalRow.Of("dispute");
        await app.Cases.ExecuteAsync(
            disputed,
            new PlaceHold(why.Ref, why.Ref, ["invoices"], Until: null) { Actor = "officer-1" },
            "hold-1",
            [why],
            expectedVersion: null,
            CancellationToken.None
        );

        await app.SettleAsync(AppHost.Start.AddDays(160));

        Termination state = await app.StateAsync(other);
        Assert.False(state.ErasureHasStarted);
        Assert.Contains(state.Attention, a => a.Code == "other-contract-lives");
        // Looked at daily for weeks by now, and said once.
        Assert.Single(await app.EventNamesAsync(other), "attention-raised.v1");
    }

    [Fact]
    public async Task Erasure_PausedByAHoldOnAnotherCase_GoesOnAsSoonAsThatEnds()
    {
        await using AppHost app = await AppHost.StartAsync();
        string paused = await app.OpenAsync("first", "K-1");
        string disputed = await app.OpenAsync("second", "K-2");
        await app.Orchestrations.StartCaseAsync(paused, CancellationToken.None);
        await app.Orchestrations.StartCaseAsync(disputed, CancellationToken.None);
        PersonalRow why = PersonalRow.Of("dispute");
        await app.SettleAsync(AppHost.Start.AddDays(50));
        DateTimeOffset opens = (await app.StateAsync(paused)).ErasureOpens;
        await app.SettleAsync(opens.AddMinutes(-1));
        // Begun in the moment before the hold comes.
        var atOnce = new TerminationCases(app.Get<TerminationStore>(), new Moment(opens));
        await atOnce.ReportAsync(paused, new StartErasure(OtherContractLives: false), CancellationToken.None);
        await app.Cases.ExecuteAsync(
            disputed,
            new PlaceHold(why.Ref, why.Ref, [], Until: opens.AddHours(2)) { Actor = "officer-1" },
            "hold-1",
            [why],
            expectedVersion: null,
            CancellationToken.None
        );
        await app.SettleAsync(opens.AddMinutes(119));
        Assert.Empty((await app.StateAsync(paused)).Erasures[0].Erased);

        await app.SettleAsync(opens.AddMinutes(125));
        Assert.Equal(Phase.Closed, (await app.StateAsync(paused)).Phase);
    }

    private sealed class Moment(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
