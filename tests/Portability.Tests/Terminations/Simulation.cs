using Portability.Terminations;

namespace Portability.Tests.Terminations;

/// <summary>
/// The workflow without its machinery: takes the steps that <see cref="Lifecycle.Next"/> names by deciding the
/// commands that the real one would, on a clock of its own. Whatever happens is checked against
/// <see cref="Rulebook"/> event by event.
/// </summary>
internal sealed class Simulation(OpenTermination open, DateTimeOffset start, Random random)
{
    public static readonly string[] Datasets = ["answers", "invoices", "users"];

    // Steps within one instant, of which a sound case needs a few dozen at most.
    private const int HotLoop = 400;

    private readonly List<TerminationEvent> stream = [];
    private readonly Rulebook rules = new();

    public Termination State { get; private set; } = Termination.Unopened;

    public DateTimeOffset Now { get; private set; } = start;

    public IReadOnlyList<TerminationEvent> Stream => stream;

    public bool IsDone { get; private set; }

    /// <summary>One thing in ten that the workflow tries goes wrong.</summary>
    public bool ThingsFail { get; init; }

    public void Open() => Do(open);

    public Decision Do(TerminationCommand command)
    {
        Decision decision = TerminationDecider.Decide(State, command, Now);
        Decision again = TerminationDecider.Decide(State, command, Now);
        Assert.Equal(Rulebook.Text(decision), Rulebook.Text(again));
        if (decision is Decision.Accepted accepted)
        {
            foreach (TerminationEvent e in accepted.Events)
            {
                rules.Check(State, e, Now);
                State = Termination.Evolve(State, e);
                stream.Add(e);
            }
        }
        return decision;
    }

    /// <summary>Lets the workflow run until it waits.</summary>
    public void Settle()
    {
        for (var taken = 0; ; taken++)
        {
            Assert.True(taken < HotLoop, $"A hot loop at {Now:O}: {Lifecycle.Next(State, Now)}");
            NextStep step = Lifecycle.Next(State, Now);
            IsDone = step is NextStep.Done or NextStep.RemoveCase;
            if (IsDone || !Take(step))
            {
                return;
            }
        }
    }

    /// <summary>Moves the clock, stopping wherever the case wants to be looked at.</summary>
    public void Advance(TimeSpan by)
    {
        DateTimeOffset target = Now + by;
        Settle();
        for (var looks = 0; Due() is { } due && due <= target; looks++)
        {
            Assert.True(looks < 20_000, $"Never done waiting at {Now:O}.");
            Assert.True(due > Now, $"Waits for {due:O}, which is not later than {Now:O}.");
            Now = due;
            Settle();
        }
        Now = target;
        Settle();
    }

    /// <summary>Lets the years pass, with an officer at hand, until the case is done.</summary>
    public void RunOut(int years)
    {
        DateTimeOffset end = Now.AddYears(years);
        DateTimeOffset busy = Now.AddYears(2);
        while (!IsDone && Now < end)
        {
            HelpOut();
            Advance(TimeSpan.FromDays(Now < busy ? 15 : 120));
        }
    }

    private DateTimeOffset? Due() =>
        Lifecycle.Next(State, Now) switch
        {
            NextStep.Wait wait => wait.Until,
            NextStep.RunExport run => run.Until,
            NextStep.RunErasure run => run.Until,
            NextStep.StartErasure start => start.LookAgainAt,
            _ => null,
        };

    /// <summary>Whether the step brought an event; a wait and a run that is still going on bring none.</summary>
    private bool Take(NextStep step)
    {
        int before = stream.Count;
        switch (step)
        {
            case NextStep.Wait:
                return false;
            case NextStep.EndTerm:
                Do(new EndTerm());
                break;
            case NextStep.FreezeAccess:
                Try(Steps.FreezeAccess, () => Do(new RecordAccessFrozen()));
                break;
            case NextStep.RestoreAccess:
                Try(Steps.RestoreAccess, () => Do(new RecordAccessRestored()));
                break;
            case NextStep.ExpireHold s:
                Do(new ExpireHold(s.HoldId));
                break;
            case NextStep.SendMessage s:
                Do(new IntendMessage(s.MessageId));
                Try(Steps.Message(s.MessageId), () => Do(new RecordMessageSent(s.MessageId)));
                break;
            case NextStep.RunExport s:
                return RunExport(s.Export);
            case NextStep.EraseExport s:
                Try(Steps.EraseExport(s.Export), () => Do(new RecordExportErased(s.Export)));
                break;
            case NextStep.StartErasure s:
                Do(
                    new StartErasure(OtherContractLives: ThingsFail && random.Next(10) == 0)
                    {
                        Processors = ["mail", "survey"],
                    }
                );
                if (s.LookAgainAt is not null && stream.Count == before)
                {
                    return false;
                }
                break;
            case NextStep.RunErasure s:
                return RunErasure(s.Run);
            case NextStep.CommandProcessor s:
                Try(
                    Steps.Processor(s.Processor),
                    () => Do(new RecordProcessorCommanded(s.Processor, State.Processors[s.Processor].Round + 1))
                );
                Respond(s.Processor);
                break;
            case NextStep.ChaseProcessor s:
                Try(Steps.Processor(s.Processor), () => Do(new RecordProcessorChased(s.Processor)));
                Respond(s.Processor);
                break;
            case NextStep.AskProcessor s:
                Try(Steps.Processor(s.Processor), () => Do(new RecordProcessorAsked(s.Processor)));
                Respond(s.Processor);
                break;
            case NextStep.EscalateProcessor s:
                Do(new EscalateProcessor(s.Processor));
                break;
            case NextStep.CloseAccount:
                Try(Steps.CloseAccount, () => Do(new RecordAccountClosed()));
                break;
            case NextStep.RedactPersonalData:
                Try(Steps.Redact, () => Do(new RecordPersonalDataRedacted(5)));
                break;
            default:
                throw new InvalidOperationException($"The workflow knows no step {step}.");
        }
        Assert.True(stream.Count > before, $"{step} at {Now:O} changed nothing.");
        return true;
    }

    /// <summary>A sub-processor answers at once, or is silent; some say that they erased and did not.</summary>
    private void Respond(string name)
    {
        ProcessorErasure p = State.Processors[name];
        if (random.Next(3) == 0)
        {
            return;
        }
        if (p.Status == ProcessorStatus.Commanded)
        {
            Do(new RecordProcessorAcknowledged(p.Run, name, p.Round, 7, "job"));
        }
        else if (p.Status == ProcessorStatus.Asked)
        {
            Do(new RecordProcessorAnswered(p.Run, name, p.Round, ThingsFail && random.Next(3) == 0 ? 2 : 0));
        }
    }

    private void Try(string step, Action take)
    {
        if (ThingsFail && random.Next(10) == 0)
        {
            Do(new RaiseAttention(step, "simulated"));
            return;
        }
        take();
    }

    private bool RunExport(int export)
    {
        switch (random.Next(ThingsFail ? 10 : 3))
        {
            case 0:
                // Still writing when it is looked at again.
                return false;
            case 9:
                Do(new RecordExportFailed(export, "users.csv", "simulated"));
                return true;
            case 8:
                Do(new RaiseAttention(Steps.Export(export), "simulated"));
                return true;
            default:
                Do(new RecordDatasetExported(export, "users", 1, 1, 1));
                Do(new RecordExportReady(export, Sample.Hash, 1, 1, 1));
                return true;
        }
    }

    private bool RunErasure(int number)
    {
        if (random.Next(4) == 0)
        {
            return false;
        }
        if (ThingsFail && random.Next(8) == 0)
        {
            Do(new RaiseAttention(Steps.Erasure(number), "simulated"));
            return true;
        }
        ErasureRun run = State.Erasures.Single(r => r.Number == number);
        if (run.Outcomes is not null)
        {
            // It only waited for sub-processors.
            Do(new RecordCertificate(State.Certificates.Count + 1, number, Sample.Hash));
            return true;
        }
        foreach (ExportRun export in State.Exports.Where(e => !e.FilesErased))
        {
            Do(new RecordExportErased(export.Number));
        }
        List<DatasetOutcome> outcomes = [];
        foreach (string dataset in run.Datasets.Count == 0 ? Datasets : run.Datasets)
        {
            outcomes.Add(new DatasetOutcome(dataset, Take(run, dataset)));
        }
        Do(new RecordVerification(number, outcomes));
        Do(new RecordCertificate(State.Certificates.Count + 1, number, Sample.Hash));
        return true;
    }

    private ErasureOutcome Take(ErasureRun run, string dataset)
    {
        if (State.IsHeld(dataset))
        {
            return ErasureOutcome.Held;
        }
        if (run.Kind == ErasureKind.Release)
        {
            foreach (RetainedRows rows in State.Retained.Where(r => r.Dataset == dataset).ToList())
            {
                if (State.Calendar.StartOfDay(rows.ReleaseOn) <= run.StartedAt)
                {
                    Do(new RecordRetainedErased(run.Number, dataset, rows.Rows, rows.ReleaseOn));
                }
            }
        }
        else
        {
            Do(new RecordDatasetErased(run.Number, dataset, 10, 10, 0, 0));
        }
        if (run.Kind == ErasureKind.Full && dataset == "invoices")
        {
            DateOnly today = State.Calendar.DateOf(Now);
            Do(new RecordDatasetRetained(run.Number, dataset, "bookkeeping", "law", 4, today.AddYears(3)));
            Do(new RecordDatasetRetained(run.Number, dataset, "bookkeeping", "law", 3, today.AddYears(7)));
        }
        if (ThingsFail && random.Next(12) == 0)
        {
            Do(new RecordResidue(run.Number, dataset, 1));
            return ErasureOutcome.Unproven;
        }
        return State.Retained.Exists(r => r.Dataset == dataset) ? ErasureOutcome.Retained : ErasureOutcome.Verified;
    }

    /// <summary>The officer of a good day: settles what needs a person, and has every hold released.</summary>
    private void HelpOut()
    {
        foreach (Attention item in State.Attention.Where(a => a.RetryAt is null))
        {
            AttentionAction action = Steps.IsDelivery(item.Step) ? AttentionAction.Resolve : AttentionAction.Retry;
            Do(new SettleAttention(item.ItemId, action, Sample.Reason) { Actor = "officer-1" });
        }
        foreach (Hold hold in State.Holds.Where(h => h.Until is null))
        {
            Do(new ReleaseHold(hold.Id, Sample.Reason) { Actor = "officer-1" });
        }
        foreach (Approval approval in State.PendingApprovals.Where(a => a.Subject == ApprovalSubject.HoldRelease))
        {
            string other = approval.RequestedBy == "officer-2" ? "officer-3" : "officer-2";
            Do(new DecideApproval(approval.Id, true, null) { Actor = other });
        }
    }
}
