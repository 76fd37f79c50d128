using FsCheck;
using FsCheck.Fluent;
using Portability.Terminations;
using static Portability.Tests.Terminations.Sample;

namespace Portability.Tests.Terminations;

/// <summary>
/// Whole lives of cases: random commands, most of them out of place, between random moves of the clock, while the
/// simulated workflow does what the lifecycle names. One integer gives one life, so a failure is replayed by it.
/// </summary>
public sealed class LifeProperties
{
    private static readonly string[] Zones =
    [
        "Europe/Stockholm",
        "America/Sao_Paulo",
        "Pacific/Kiritimati",
        "Africa/Cairo",
        "Australia/Lord_Howe",
    ];

    private static readonly string[] People = ["agent-1", "agent-2", "officer-1", "customer"];

    [Fact]
    public void AnyLife_KeepsTheRulesAndEndsWhenPeopleDoTheirPart() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed => Live(seed)).Check(Seeded.Runs(200));

    [Fact]
    public void UndisturbedLife_FromNoticeToDone_TakesEveryStepOnItsDay()
    {
        var life = new Simulation(
            Sample.Open(Sample.Notice("2027-02-10T08:00:00Z")),
            Given.Instant("2027-02-10T09:00:00Z"),
            new Random(1)
        );
        life.Open();
        life.RunOut(years: 25);

        Assert.True(life.IsDone);
        Assert.Equal(Given.Instant(End), At<TermEnded>(life));
        Assert.Equal(Given.Instant(ErasureOpens), At<ErasureStarted>(life));
        Assert.Equal(Given.Instant("2028-03-31T22:00:00Z"), At<PersonalDataRedacted>(life));
        Assert.Equal(
            [Day("2030-07-05"), Day("2034-07-05")],
            life.Stream.OfType<RetainedDataErased>().Select(e => e.ReleaseOn)
        );
        Assert.Equal(
            life.Stream.OfType<RetainedDataErased>().Select(e => life.State.Calendar.StartOfDay(e.ReleaseOn)),
            life.Stream.OfType<RetainedDataErased>().Select(e => DayBeginning(e.At))
        );
        Assert.DoesNotContain(life.Stream, e => e is AttentionRaised);

        // A look at a running erasure comes hours later at most.
        DateTimeOffset DayBeginning(DateTimeOffset at) =>
            life.State.Calendar.StartOfDay(life.State.Calendar.DateOf(at));
    }

    private static DateTimeOffset At<T>(Simulation life) => life.Stream.First(e => e is T).At;

    private static void Live(int seed)
    {
        var random = new Random(seed);
        DateTimeOffset start = Given.Instant("2026-01-01T00:00:00Z").AddMinutes(random.Next(1_000_000));
        Simulation life = new(AnyOpening(random, start), start, random) { ThingsFail = random.Next(3) > 0 };
        life.Open();
        for (int n = random.Next(5, 60); n > 0 && life.State.IsOpened; n--)
        {
            if (random.Next(3) == 0)
            {
                life.Advance(AnyPause(random));
            }
            TerminationCommand command = Command(random, life) with { Actor = People[random.Next(People.Length)] };
            Decision first = life.Do(command);
            AssertTotal(life, random);
            if (first is Decision.Accepted && random.Next(4) == 0)
            {
                AssertRepeatHasNoSecondEffect(life, command);
            }
            if (random.Next(2) == 0)
            {
                life.Settle();
            }
        }
        if (life.State.IsOpened)
        {
            life.RunOut(years: 45);
            Assert.True(life.IsDone, $"Not done: {Lifecycle.Next(life.State, life.Now)} in {life.State.Phase}");
            Assert.Empty(life.State.Retained);
            Assert.All(life.State.Exports, e => Assert.True(e.FilesErased));
            AssertSame(life.State, Termination.Fold(life.Stream.Select(ThroughStorage)));
        }
    }

    private static TerminationEvent ThroughStorage(TerminationEvent e)
    {
        (string name, byte[] body) = EventCodec.Encode(e);
        return EventCodec.Decode(name, body);
    }

    /// <summary>The same step in every time, past or far future, without a throw, and never one before its time.</summary>
    private static void AssertTotal(Simulation life, Random random)
    {
        Assert.Equal(
            Lifecycle.Next(life.State, life.Now).ToString(),
            Lifecycle.Next(Termination.Fold(life.Stream), life.Now).ToString()
        );
        DateTimeOffset other = life.Now.AddDays(random.Next(-400, 20_000));
        NextStep step = Lifecycle.Next(life.State, other);
        Assert.False(step is NextStep.Wait { Until: { } until } && until <= other, $"{step} at {other:O}");
    }

    /// <summary>Once a command says that it had been done, it says so again, and nothing is recorded.</summary>
    private static void AssertRepeatHasNoSecondEffect(Simulation life, TerminationCommand command)
    {
        if (life.Do(command) is Decision.Accepted { Events.Count: 0 })
        {
            int before = life.Stream.Count;
            Assert.IsType<Decision.Accepted>(life.Do(command));
            Assert.Equal(before, life.Stream.Count);
        }
    }

    private static void AssertSame(Termination incremental, Termination folded)
    {
        Assert.Equal(incremental.Version, folded.Version);
        Assert.Equal(incremental.Phase, folded.Phase);
        Assert.Equal(incremental.ErasureDue, folded.ErasureDue);
        Assert.Equal(incremental.Holds.Select(h => h.Id), folded.Holds.Select(h => h.Id));
        Assert.Equal(incremental.Exports.Select(e => e.Status), folded.Exports.Select(e => e.Status));
        Assert.Equal(incremental.Outcomes, folded.Outcomes);
        Assert.Equal(incremental.Messages, folded.Messages);
        Assert.Equal(incremental.Attention, folded.Attention);
        Assert.Equal(incremental.Certificates, folded.Certificates);
    }

    private static TimeSpan AnyPause(Random random) =>
        random.Next(3) switch
        {
            0 => TimeSpan.FromMinutes(random.Next(600)),
            1 => TimeSpan.FromDays(random.Next(20)),
            _ => TimeSpan.FromDays(random.Next(150)),
        };

    private static OpenTermination AnyOpening(Random random, DateTimeOffset now)
    {
        string zone = Zones[random.Next(Zones.Length)];
        DateOnly today = new TermCalendar(zone).DateOf(now);
        Notice? notice =
            random.Next(4) == 0
                ? null
                : new Notice((NoticeKind)random.Next(4), now.AddHours(-random.Next(500)), "email", Ref("n"));
        LateNotice? late = random.Next(3) == 0 ? null : new LateNotice((LateNoticeMode)random.Next(2), Reason);
        int distance = notice is null ? random.Next(-200, 200) : random.Next(0, 120);
        return Sample.Open(notice, late, new Term(today.AddDays(distance), zone, random.Next(1, 13)));
    }

    /// <summary>Half of them sensible at their moment, the other half anything at all.</summary>
    private static TerminationCommand Command(Random random, Simulation life)
    {
        Termination s = life.State;
        DateTimeOffset now = life.Now;
        int export = random.Next(1, s.Exports.Count + 2);
        int run = random.Next(1, s.Erasures.Count + 2);
        string dataset = Simulation.Datasets[random.Next(Simulation.Datasets.Length)];
        string approval = s.PendingApprovals.IsEmpty
            ? "approval-1"
            : s.PendingApprovals[random.Next(s.PendingApprovals.Count)].Id;
        string hold = s.Holds.IsEmpty ? "hold-1" : s.Holds[random.Next(s.Holds.Count)].Id;
        string item = s.Attention.IsEmpty ? "item-1" : s.Attention[random.Next(s.Attention.Count)].ItemId;
        string message = s.Messages.IsEmpty ? "none" : s.Messages.Keys.ElementAt(random.Next(s.Messages.Count));
        string[] some = random.Next(2) == 0 ? [] : [dataset];
        return random.Next(38) switch
        {
            0 => new WithdrawNotice(now.AddMinutes(-random.Next(100)), "letter", Ref("w")),
            1 => new RequestReinstatement(Reason),
            2 => new ChangeContact(Ref("c" + random.Next(9)), "en"),
            3 => new IssueCustomerLink("link-" + random.Next(3), now.AddDays(random.Next(-1, 9))),
            4 => new RevokeCustomerLink("link-" + random.Next(3)),
            5 or 6 or 7 => new RequestExport(random.Next(2) == 0 ? null : now.AddDays(-random.Next(9)), [], some),
            8 => new CancelExport(export),
            9 => new RecordLinksIssued(export, 1, now.AddHours(1)),
            10 or 11 or 12 => new ConfirmTransfer(export, Hash, random.Next(3) > 0),
            13 => new RevokeConfirmation(),
            14 or 15 => new PlaceHold(
                Reason,
                Ref("b"),
                some,
                random.Next(2) == 0 ? null : now.AddDays(random.Next(400))
            ),
            16 => new ReleaseHold(hold, Reason),
            17 or 18 or 19 or 20 => new DecideApproval(approval, random.Next(4) > 0, Reason),
            21 => new AgreeAssistance(Ref("a"), s.Calendar.DateOf(now).AddDays(random.Next(300))),
            22 or 23 => new SettleAttention(item, (AttentionAction)random.Next(3), Reason),
            24 => new EndTerm(),
            25 => new RecordAccessFrozen(),
            26 => new RecordAccessRestored(),
            27 => new ExpireHold(hold),
            28 => new RecordMessageBounced(message, "550"),
            29 => new RecordExportReady(export, Hash, 1, 1, 1),
            30 => new RecordExportErased(export),
            31 => new StartErasure(OtherContractLives: false),
            32 => new RecordDatasetErased(run, dataset, 1, 1, 0, 0),
            33 => new RecordRetainedErased(run, dataset, 1, s.Retained.FirstOrDefault()?.ReleaseOn ?? s.LastDay),
            34 => random.Next(2) == 0 ? AnyAnswer(random, run) : new RecordExportFailed(export, null, "hostile"),
            35 => new RecordCertificate(s.Certificates.Count + 1, run, Hash),
            36 => random.Next(2) == 0 ? new RecordAccountClosed() : new RecordPersonalDataRedacted(1),
            _ => new RaiseAttention(AnyStep(random, export, run, message), "hostile"),
        };
    }

    private static TerminationCommand AnyAnswer(Random random, int run) =>
        random.Next(5) switch
        {
            0 => new RecordProcessorCommanded("mail", 1),
            1 => new RecordProcessorAcknowledged(run, "mail", random.Next(3), 1, "hostile"),
            2 => new RecordProcessorAnswered(run, "mail", random.Next(3), random.Next(2)),
            3 => new RecordProcessorAsked("mail"),
            _ => new EscalateProcessor("mail"),
        };

    private static string AnyStep(Random random, int export, int run, string message) =>
        random.Next(8) switch
        {
            0 => Steps.FreezeAccess,
            1 => Steps.RestoreAccess,
            2 => Steps.StartErasure,
            3 => Steps.CloseAccount,
            4 => Steps.Export(export),
            5 => Steps.Erasure(run),
            6 => Steps.Message(message),
            _ => Steps.Redact,
        };
}
