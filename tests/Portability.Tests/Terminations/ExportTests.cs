using Portability.Terminations;
using static Portability.Tests.Terminations.Sample;

namespace Portability.Tests.Terminations;

public sealed class ExportTests
{
    private static readonly RequestExport Everything = new(null, [], []);

    [Fact]
    public void Request_InTheWindow_StartsAnExport()
    {
        Given.Outcome outcome = Given
            .Past(InWindow)
            .When(new RequestExport(null, ["users"], ["csv"]).By("customer"), "2027-04-10")
            .Then(new ExportRequested(1, Given.Instant("2027-04-10"), ["users"], ["csv"]));
        Given ready = Given.Past([.. outcome.After.Events, .. TermTests.WindowMailSent]);
        // Looked at again within hours, though nothing reported.
        Assert.Equal(new NextStep.RunExport(1, Given.Instant("2027-04-10T06:00:00Z")), ready.NextAt("2027-04-10"));
    }

    [Fact]
    public void Request_BeforeTheTermEnds_IsGood() =>
        Given.Past(UnderNotice).When(Everything, "2027-02-11").Then(Requested(1, "2027-02-11"));

    [Fact]
    public void Request_WhileOneRuns_IsRefused() =>
        Given.Past(Exporting).When(Everything, "2027-04-11").ThenRefused("export-running");

    [Fact]
    public void Request_ReceivedInTheWindowAndRegisteredAfterIt_IsHonoured()
    {
        Given
            .Past(InWindow)
            .When(Everything with { ReceivedAt = Given.Instant("2027-06-29T21:59:59Z") }, "2027-07-04T21:59:59Z")
            .Then(Requested(1, "2027-06-29T21:59:59Z"));
        Refusal refusal = Given
            .Past(InWindow)
            .When(Everything with { ReceivedAt = Given.Instant(WindowCloses) }, "2027-07-01")
            .ThenRefused("export-window-closed");
        Assert.Equal(WindowCloses, refusal.Data["windowCloses"]);
        Given.Past(InWindow).When(Everything, WindowCloses).ThenRefused("export-window-closed");
    }

    [Theory]
    [InlineData("2027-04-10T00:05:00.0000001Z", "received-in-future")]
    [InlineData("0001-01-01T00:00:00Z", "implausible-date")]
    public void Request_WithAnOddTimeOfReceipt_IsRefused(string received, string code) =>
        Given
            .Past(InWindow)
            .When(Everything with { ReceivedAt = Given.Instant(received) }, "2027-04-10")
            .ThenRefused(code);

    [Fact]
    public void Request_TooLateInTheCase_IsRefused()
    {
        Given.Past(Erasing).When(Everything, "2027-08-01").ThenRefused("erasure-started");
        Given.Past(Closed).When(Everything, "2027-08-01").ThenRefused("case-ended");
    }

    [Fact]
    public void Request_AfterAnEarlyConfirmation_RevokesIt()
    {
        Given after = Given
            .Past(EarlyAsked)
            .When(Everything, "2027-04-12")
            .Then(new ConfirmationRevoked(), Requested(2, "2027-04-12"))
            .After;
        after
            .When(new DecideApproval("approval-1", true, null).By("agent-2"), "2027-04-12")
            .ThenRefused("unknown-pending-approval");
    }

    [Fact]
    public void Ready_MovesTheDueDateOnlyWhenItIsLater()
    {
        Assert.Equal(Given.Instant(WindowCloses), Given.Past(Exported).State.ErasureDue);
        Given late = Given.Past([
            .. InWindow,
            Requested(1, "2027-06-25T10:00:00Z").On("2027-06-25T10:00:00Z"),
            new ExportReady(1, Hash, 1, 1, 1).On("2027-06-26T10:00:00Z"),
        ]);
        Assert.Equal(Given.Instant("2027-07-10T10:00:00Z"), late.State.ErasureDue);
        Assert.Equal(Given.Instant("2027-07-10T10:00:00Z"), late.State.ErasureOpens);
    }

    [Fact]
    public void Progress_OfADataset_IsRecordedOnce()
    {
        RecordDatasetExported report = new(1, "users", 2, 40, 4000);
        Given after = Given
            .Past(Exporting)
            .When(report, "2027-04-10T08:30:00Z")
            .Then(new DatasetExported(1, "users", 2, 40, 4000))
            .After;
        after.When(report, "2027-04-10T08:31:00Z").ThenNothing();
        Given.Past(Exporting).When(report with { Export = 2 }, "2027-04-11").ThenRefused("unknown-export");
        Given.Past(Exported).When(report, "2027-04-11").ThenRefused("export-not-running");
    }

    [Fact]
    public void Ready_ReportedTwice_IsRecordedOnce()
    {
        RecordExportReady report = new(1, Hash, 12, 345, 6789);
        Given
            .Past(Exporting)
            .When(report, "2027-04-10T09:00:00Z")
            .Then(new ExportReady(1, Hash, 12, 345, 6789))
            .After.When(report, "2027-04-10T09:01:00Z")
            .ThenNothing();
        Given.Past(Exporting).When(report with { Export = 7 }, "2027-04-11").ThenRefused("unknown-export");
        Given.Past([.. Exporting, new ExportCancelled(1)]).When(report, "2027-04-11").ThenRefused("export-not-running");
    }

    [Fact]
    public void Failure_KeepsTheExportOwedUntilAPersonDecides()
    {
        RecordExportFailed report = new(1, "users.csv", "source-down");
        Given failed = Given
            .Past(Exporting)
            .When(report, "2027-04-10T09:00:00Z")
            .Then(
                new ExportFailed(1, "users.csv", "source-down"),
                new AttentionRaised("item-6", "export:1", "source-down", 1, null)
            )
            .After;
        failed.When(report, "2027-04-10T09:00:00Z").ThenNothing();
        Assert.True(failed.State.ExportIsOwed);
        failed.When(new StartErasure(false), "2027-12-01").ThenRefused("erasure-not-due");
        failed
            .When(new SettleAttention("item-6", AttentionAction.Abandon, Reason), "2027-12-01")
            .After.When(new StartErasure(false), "2027-12-01")
            .Then(new ErasureStarted(1, ErasureKind.Full, false, []));
        Given.Past(InWindow).When(report, "2027-04-10").ThenRefused("unknown-export");
    }

    [Fact]
    public void Retry_OfAFailedExport_RunsItAgain()
    {
        SettleAttention retry = new("item-1", AttentionAction.Retry, Reason);
        Given again = Given
            .Past(Failed)
            .When(retry, "2027-04-11")
            .Then(new AttentionSettled("item-1", AttentionAction.Retry, Reason))
            .After;
        Assert.Equal(1, again.State.RunningExport?.Number);
    }

    [Fact]
    public void Retry_WhileAnotherExportRuns_IsRefused()
    {
        Given other = Given.Past(Failed).When(Everything, "2027-04-11").After;
        other
            .When(new SettleAttention("item-1", AttentionAction.Retry, Reason), "2027-04-11")
            .ThenRefused("export-running");
    }

    [Fact]
    public void Retry_OfAnExportGivenUpBefore_IsRefusedOnceErasureStarted()
    {
        Given started = Given.Past([
            .. Failed,
            new AttentionSettled("item-1", AttentionAction.Abandon, Reason),
            new ErasureStarted(1, ErasureKind.Full, false, []).On(ErasureOpens),
            new AttentionRaised("item-9", "export:1", "odd", 1, null),
        ]);
        started
            .When(new SettleAttention("item-9", AttentionAction.Retry, Reason), "2027-08-01")
            .ThenRefused("erasure-started");
    }

    [Fact]
    public void Cancel_StopsARunningOrFailedExport()
    {
        Given
            .Past(Exporting)
            .When(new CancelExport(1), "2027-04-10T08:10:00Z")
            .Then(new ExportCancelled(1))
            .After.When(new CancelExport(1), "2027-04-10T08:11:00Z")
            .ThenNothing();
        Given cancelled = Given.Past(Failed).When(new CancelExport(1), "2027-04-11").Then(new ExportCancelled(1)).After;
        Assert.False(cancelled.State.NeedsAttention);
        Given.Past(Exported).When(new CancelExport(1), "2027-04-11").ThenRefused("export-ready");
        Given.Past(InWindow).When(new CancelExport(1), "2027-04-11").ThenRefused("unknown-export");
    }

    [Fact]
    public void Cancel_AfterTheCaseEnded_IsRefused() =>
        Given
            .Past([
                .. Failed,
                new AttentionSettled("item-1", AttentionAction.Abandon, Reason),
                new ErasureStarted(1, ErasureKind.Full, false, []).On(ErasureOpens),
                new AccountClosed(),
            ])
            .When(new CancelExport(1), "2027-08-01")
            .ThenRefused("case-ended");

    [Fact]
    public void Files_LiveUntilErasureStarts()
    {
        RecordExportErased gone = new(1);
        Given.Past(Exported).When(gone, "2027-06-01").ThenRefused("export-in-use");
        Given.Past([.. Exporting, new ExportCancelled(1)]).When(gone, "2027-06-01").Then(new ExportErased(1));
        Given erasing = Given.Past([.. Exported, new ErasureStarted(1, ErasureKind.Full, false, []).On(ErasureOpens)]);
        erasing.When(gone, ErasureOpens).Then(new ExportErased(1)).After.When(gone, ErasureOpens).ThenNothing();
        Given.Past(InWindow).When(gone, "2027-06-01").ThenRefused("unknown-export");
    }

    [Fact]
    public void Links_OfAReadyExport_AreRecordedUntilItsFilesGo()
    {
        RecordLinksIssued links = new(1, 12, Given.Instant("2027-04-11T10:00:00Z"));
        Given.Past(Exported).When(links, "2027-04-11").Then(new LinksIssued(1, 12, links.ExpiresAt));
        Given.Past(Exporting).When(links, "2027-04-11").ThenRefused("export-not-ready");
        Given.Past(InWindow).When(links, "2027-04-11").ThenRefused("unknown-export");
        Refusal gone = Given
            .Past([.. Exported, new ErasureStarted(1, ErasureKind.Full, false, []).On(ErasureOpens)])
            .When(links, ErasureOpens)
            .ThenRefused("export-gone");
        Assert.Equal(RefusalKind.Gone, gone.Kind);
    }
}
