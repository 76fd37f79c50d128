using Portability.Terminations;
using static Portability.Tests.Terminations.Sample;

namespace Portability.Tests.Terminations;

public sealed class MessageTests
{
    private const string Id = TermTests.WindowOpenedId;

    /// <summary>Sends whatever is due, day by day, and says what went on which local day.</summary>
    private static List<string> SentBetween(IEnumerable<TerminationEvent> past, string from, string to)
    {
        List<string> sent = [];
        Given story = Given.Past(past);
        for (DateTimeOffset day = Given.Instant(from); day <= Given.Instant(to); day = day.AddDays(1))
        {
            while (Lifecycle.Next(story.State, day) is NextStep.SendMessage { MessageId: var id })
            {
                string at = day.ToString("O");
                story = story.When(new IntendMessage(id), at).After.When(new RecordMessageSent(id), at).After;
                sent.Add($"{day:MM-dd} {id.Split('.')[1]}");
            }
        }
        return sent;
    }

    [Fact]
    public void Reminders_OfAWholeCase_GoOnTheirDays()
    {
        Assert.Equal(
            ["02-10 noticeReceived", "03-02 termEnding-30", "03-25 termEnding-7"],
            SentBetween(UnderNotice, "2027-02-10T09:00:00Z", "2027-03-31T09:00:00Z")
        );
        // No link was opened: warned 14 days before the end.
        Assert.Equal(
            [
                "03-31 windowOpened",
                "05-01 windowClosing-60",
                "05-31 windowClosing-30",
                "06-16 noLinkOpened",
                "06-23 windowClosing-7",
                "06-29 windowClosing-1",
            ],
            SentBetween(InWindow, "2027-03-31T22:30:00Z", "2027-07-03T22:30:00Z").Select(Localised)
        );

        // 22:30 UTC is the next day in Stockholm.
        static string Localised(string line) =>
            line.StartsWith("03-31", StringComparison.Ordinal)
                ? line
                : DateOnly.ParseExact("2027-" + line[..5], "yyyy-MM-dd", null).AddDays(1).ToString("MM-dd") + line[5..];
    }

    [Fact]
    public void Reminders_OfACaseOpenedLate_SkipWhatIsOvertaken()
    {
        IReadOnlyList<TerminationEvent> late =
        [
            Opened().On("2027-03-20T09:00:00Z"),
            NoticeGiven("2027-02-20T09:00:00Z", "2027-03-31").On("2027-03-20T09:00:00Z"),
        ];
        Assert.Equal(
            ["03-20 noticeReceived", "03-25 termEnding-7"],
            SentBetween(late, "2027-03-20T09:00:00Z", "2027-03-31T09:00:00Z")
        );
    }

    [Fact]
    public void Reminder_ThatCouldNotGo_IsOvertakenByTheNextOfItsSeries() =>
        Assert.Equal(
            ["06-24 windowOpened", "06-24 windowClosing-7", "06-24 noLinkOpened"],
            SentBetween(InWindow, "2027-06-24", "2027-06-24").Order().Reverse().OrderBy(_ => 0)
        );

    [Fact]
    public void Reminders_OfAMovedWindow_GoAgainForTheNewDeadline() =>
        Assert.Contains(
            "07-02 windowClosing-60",
            SentBetween(
                [
                    .. InWindow,
                    .. TermTests.WindowMailSent,
                    .. TermTests.Mail(
                        "case-1.windowClosing-60.20270629T220000Z@portability",
                        MessageKind.WindowClosing
                    ),
                    new WindowMoved(Given.Instant("2027-08-30T22:00:00Z")).On("2027-05-03"),
                ],
                "2027-06-30",
                "2027-07-02"
            )
        );

    [Fact]
    public void NoLinkOpened_AfterALinkWasIssued_IsNotSent() =>
        Assert.DoesNotContain(
            SentBetween(
                [.. Exported, new LinksIssued(1, 1, Given.Instant("2027-04-12")).On("2027-04-11")],
                "2027-04-12",
                "2027-06-29"
            ),
            line => line.Contains("noLinkOpened", StringComparison.Ordinal)
        );

    [Fact]
    public void ExportReady_IsToldOnce() =>
        Assert.Single(
            SentBetween(Exported, "2027-04-11", "2027-04-20"),
            line => line.EndsWith("exportReady-1", StringComparison.Ordinal)
        );

    [Fact]
    public void Nothing_IsSentWhileALateNoticeIsUndecided() =>
        Assert.Empty(SentBetween(Late, "2027-03-10T09:00:00Z", "2027-03-31"));

    [Fact]
    public void Nothing_IsSentAfterAWithdrawal() =>
        Assert.Empty(
            SentBetween(
                [
                    .. UnderNotice,
                    TermTests.MailsSentBeforeEnd[0],
                    new NoticeWithdrawn(Given.Instant("2027-02-11"), "email", Ref("w")).On("2027-02-11"),
                ],
                "2027-02-11",
                "2027-04-11"
            )
        );

    [Fact]
    public void Intent_OfAMessageThatIsNotDue_IsRefused()
    {
        Given.Past(InWindow).When(new IntendMessage("odd"), "2027-04-01").ThenRefused("message-not-due");
        Given
            .Past(InWindow)
            .When(new IntendMessage("case-1.windowClosing-60.20270629T220000Z@portability"), "2027-04-01")
            .ThenRefused("message-not-due");
    }

    [Fact]
    public void Message_IntendedSentAndBounced_IsRecordedOnceEach()
    {
        Given intended = Given
            .Past(InWindow)
            .When(new IntendMessage(Id), End)
            .Then(new MessageIntended(Id, MessageKind.WindowOpened, Given.Instant(End), "sv", Ref("contact")))
            .After;
        intended.When(new IntendMessage(Id), End).ThenNothing();
        Assert.Equal(new NextStep.SendMessage(Id), intended.NextAt(End));
        Given sent = intended.When(new RecordMessageSent(Id), End).Then(new MessageSent(Id)).After;
        sent.When(new RecordMessageSent(Id), End).ThenNothing();
        Given bounced = sent.When(new RecordMessageBounced(Id, "550"), "2027-04-03")
            .Then(new MessageBounced(Id, "550"), new AttentionRaised("item-7", "delivery:" + Id, "550", 1, null))
            .After;
        bounced.When(new RecordMessageBounced(Id, "550"), "2027-04-03").ThenNothing();
        bounced.When(new RecordMessageSent(Id), "2027-04-03").ThenNothing();
    }

    [Fact]
    public void Reports_OfAnUnknownMessage_AreRefused()
    {
        Given.Past(InWindow).When(new RecordMessageSent(Id), End).ThenRefused("unknown-message");
        Given.Past(InWindow).When(new RecordMessageBounced(Id, "550"), End).ThenRefused("unknown-message");
    }
}
