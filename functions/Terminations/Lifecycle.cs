namespace Portability.Terminations;

/// <summary>
/// Which step a case needs next. Pure and total: every state has exactly one, and none is named before its
/// <see cref="Attention.RetryAt"/>.
/// </summary>
public static class Lifecycle
{
    /// <summary>How long a started export or erasure is left to itself before it is looked at again.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromHours(6);

    /// <summary>How often it is looked whether another contract of the customer still lives.</summary>
    private static readonly TimeSpan OnceADay = TimeSpan.FromDays(1);

    private const int MonthsOfAYear = 12;

    public static NextStep Next(Termination s, DateTimeOffset now)
    {
        if (!s.IsOpened)
        {
            return new NextStep.Wait(Until: null);
        }
        return ExpiredHold(s, now)
            ?? Undelivered(s, now)
            ?? (s.HasEnded ? Aftercare(s, now) : Life(s, now))
            ?? Waiting(s, now);
    }

    /// <summary>When erasure may begin, given what stands now; null while something keeps it from being known.</summary>
    public static DateTimeOffset? ErasureOpens(Termination s)
    {
        // A customer that mail did not reach, or that mail could not be sent to, must be reached some other way first.
        bool delivered = !s.Messages.Values.Any(m =>
            m.Status == MessageStatus.Bounced
            || (m.Status == MessageStatus.Intended && s.AttentionTo(Steps.Message(m.Id)) is not null)
        );
        bool possible = s.AccessIsFrozen && !s.ReinstatementApproved && !s.ExportIsOwed && delivered && !s.CaseIsHeld;
        return !possible || s.HasEnded ? null
            : s.EarlyErasureIsApproved ? s.LastAt
            : s.ErasureOpens;
    }

    /// <summary>The datasets of which kept rows may go now.</summary>
    public static IReadOnlyList<string> Releasable(Termination s, DateTimeOffset now) =>
        [
            .. s
                .Retained.Where(r => s.Calendar.StartOfDay(r.ReleaseOn) <= now && !s.IsHeld(r.Dataset))
                .Select(r => r.Dataset)
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>The datasets that an earlier run had to leave and that may be taken now.</summary>
    public static IReadOnlyList<string> Remaining(Termination s) =>
        [
            .. s
                .Outcomes.Where(o => o.Value is ErasureOutcome.Held or ErasureOutcome.Unproven && !s.IsHeld(o.Key))
                .Select(o => o.Key),
        ];

    /// <summary>
    /// When personal data of the case itself goes; null before the case has ended, and when none is left. What is
    /// written after the first time (a hold on retained rows years later) has a year of its own.
    /// </summary>
    public static DateTimeOffset? RedactionDue(Termination s)
    {
        if (s.EndedAt is not { } ended)
        {
            return null;
        }
        if (s.IsRedacted)
        {
            return s.WrittenSinceRedaction is { } written
                ? s.Calendar.AddMonths(written, s.Policy.PersonalDataMonths)
                : null;
        }
        DateTimeOffset from = s.Phase == Phase.Closed ? s.EffectiveEnd : ended;
        DateTimeOffset due = s.Calendar.AddMonths(from, s.Policy.PersonalDataMonths);
        return due > ended ? due : ended;
    }

    /// <summary>
    /// When the case itself goes, counted from its end or its last certificate, whichever came later; null for one that was not
    /// closed: it is the only record that its contract lives on.
    /// </summary>
    public static DateTimeOffset? RemovalDue(Termination s) =>
        s is { Phase: Phase.Closed, EndedAt: { } ended }
            ? s.Calendar.AddMonths(
                s.Certificates.Select(c => c.IssuedAt).Append(ended).Max(),
                s.Policy.CaseYears * MonthsOfAYear
            )
            : null;

    private static NextStep.ExpireHold? ExpiredHold(Termination s, DateTimeOffset now) =>
        s.Holds.Find(h => h.Until <= now) is { } hold ? new NextStep.ExpireHold(hold.Id) : null;

    private static NextStep.SendMessage? Undelivered(Termination s, DateTimeOffset now)
    {
        if (s.IsRedacted || s.Phase is Phase.Withdrawn or Phase.Reinstated)
        {
            return null;
        }
        string? messageId =
            s.Messages.Values.FirstOrDefault(m =>
                m.Status == MessageStatus.Intended && MayTry(s, Steps.Message(m.Id), now)
            )?.Id
            ?? Reminders.DueAt(s, now).FirstOrDefault(r => MayTry(s, Steps.Message(r.MessageId), now))?.MessageId;
        return messageId is null ? null : new NextStep.SendMessage(messageId);
    }

    private static NextStep? Life(Termination s, DateTimeOffset now)
    {
        if (s.ReinstatementApproved && !s.ErasureHasStarted)
        {
            return MayTry(s, Steps.RestoreAccess, now) ? new NextStep.RestoreAccess() : null;
        }
        if (!s.TermHasEnded && now >= s.EffectiveEnd)
        {
            return new NextStep.EndTerm();
        }
        if (s.TermHasEnded && !s.AccessIsFrozen && MayTry(s, Steps.FreezeAccess, now))
        {
            return new NextStep.FreezeAccess();
        }
        if (s.RunningExport is { } export && MayTry(s, Steps.Export(export.Number), now))
        {
            return new NextStep.RunExport(export.Number, Earliest(now + LookAgain, Upcoming(s, now)));
        }
        return UselessExport(s, now) ?? Erasure(s, now);
    }

    private static NextStep? Erasure(Termination s, DateTimeOffset now)
    {
        if (s.Erasures.LastOrDefault() is not { } run)
        {
            return ErasureOpens(s) <= now && MayTry(s, Steps.StartErasure, now) ? StartFull(s, [], now) : null;
        }
        // The app's own systems first: what a run refuses or a hold stops must not be erased elsewhere.
        if (run is { Ended: false, Outcomes: null })
        {
            return Running(s, run, now);
        }
        if (Processor(s, now) is { } processor)
        {
            return processor;
        }
        if (!run.Ended)
        {
            return s.ProcessorsAreDone ? Running(s, run, now) : null;
        }
        if (run.Certificate is not null && s.EverythingIsProven)
        {
            return MayTry(s, Steps.CloseAccount, now) ? new NextStep.CloseAccount() : null;
        }
        IReadOnlyList<string> remaining = WaitsForPerson(s, run) ? [] : Remaining(s);
        return remaining.Count > 0 && MayTry(s, Steps.StartErasure, now) ? StartFull(s, remaining, now) : null;
    }

    private static NextStep? Processor(Termination s, DateTimeOffset now)
    {
        if (s.CaseIsHeld)
        {
            return null;
        }
        foreach (ProcessorErasure p in s.Processors.Values)
        {
            bool silent = p.IsAwaited && p.AnswerBy <= now && s.AttentionTo(Steps.ProcessorAnswer(p.Name)) is null;
            bool mayTry = MayTry(s, Steps.Processor(p.Name), now);
            NextStep? step = p.Status switch
            {
                _ when silent => new NextStep.EscalateProcessor(p.Name),
                ProcessorStatus.Due when mayTry => new NextStep.CommandProcessor(p.Name),
                ProcessorStatus.Acknowledged when mayTry => new NextStep.AskProcessor(p.Name),
                _ when p.IsAwaited && mayTry && s.ChaseAt(p) <= now => new NextStep.ChaseProcessor(p.Name),
                _ => null,
            };
            if (step is not null)
            {
                return step;
            }
        }
        return null;
    }

    private static NextStep.StartErasure StartFull(Termination s, IReadOnlyList<string> datasets, DateTimeOffset now) =>
        new(ErasureKind.Full, datasets)
        {
            LookAgainAt = s.AttentionTo(Steps.StartErasure) is { Code: Steps.OtherContractLives }
                ? now + OnceADay
                : null,
        };

    /// <summary>What is left of a case that has ended: files, kept rows, and its own personal data.</summary>
    private static NextStep? Aftercare(Termination s, DateTimeOffset now)
    {
        if (UselessExport(s, now) is { } erase)
        {
            return erase;
        }
        ErasureRun? run = s.Erasures.LastOrDefault();
        if (run is { Ended: false })
        {
            return Running(s, run, now);
        }
        // Beside rows whose time has come: what an earlier release left held or unproven.
        IReadOnlyList<string> releasable =
            run is null || WaitsForPerson(s, run)
                ? []
                : [.. Releasable(s, now).Union(Remaining(s), StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (releasable.Count > 0 && MayTry(s, Steps.StartErasure, now))
        {
            return new NextStep.StartErasure(ErasureKind.Release, releasable);
        }
        if (!s.IsOnHold && RedactionDue(s) <= now && MayTry(s, Steps.Redact, now))
        {
            return new NextStep.RedactPersonalData();
        }
        if (!HasNothingLeft(s))
        {
            return null;
        }
        if (RemovalDue(s) is not { } removal)
        {
            return new NextStep.Done();
        }
        return removal <= now && MayTry(s, Steps.RemoveCase, now) ? new NextStep.RemoveCase() : null;
    }

    private static bool HasNothingLeft(Termination s) =>
        s.IsRedacted
        && s.WrittenSinceRedaction is null
        && !s.IsRetaining
        && !s.IsOnHold
        && s.EverythingIsProven
        && s.Exports.TrueForAll(e => e.FilesErased);

    /// <summary>The scan found something left: whether to run again is an officer's word.</summary>
    private static bool WaitsForPerson(Termination s, ErasureRun run) =>
        s.AttentionTo(Steps.Residue(run.Number)) is not null;

    private static NextStep? Running(Termination s, ErasureRun run, DateTimeOffset now) =>
        !s.CaseIsHeld && MayTry(s, Steps.Erasure(run.Number), now)
            ? new NextStep.RunErasure(run.Number, Earliest(now + LookAgain, Upcoming(s, now)))
            : null;

    /// <summary>Files of a cancelled export, or of any export once its case has ended without erasure.</summary>
    private static NextStep.EraseExport? UselessExport(Termination s, DateTimeOffset now) =>
        s.Exports.Find(e =>
            !e.FilesErased
            && (e.Status == ExportStatus.Cancelled || s.HasEnded)
            && MayTry(s, Steps.EraseExport(e.Number), now)
        )
            is { } export
            ? new NextStep.EraseExport(export.Number)
            : null;

    private static NextStep.Wait Waiting(Termination s, DateTimeOffset now) => new(Upcoming(s, now));

    /// <summary>The earliest instant after now at which another step may be named.</summary>
    private static DateTimeOffset? Upcoming(Termination s, DateTimeOffset now)
    {
        IEnumerable<DateTimeOffset?> instants =
        [
            s.TermHasEnded || s.HasEnded ? null : s.EffectiveEnd,
            s.ErasureHasStarted ? null : ErasureOpens(s),
            s.IsRedacted ? null : Reminders.NextAfter(s, now),
            s.IsOnHold ? null : RedactionDue(s),
            s.HasEnded && HasNothingLeft(s) ? RemovalDue(s) : null,
            .. s.Holds.Select(h => h.Until),
            .. s.Attention.Select(a => a.RetryAt),
            .. s.Processors.Values.Where(p => p.IsAwaited).SelectMany(p => new[] { s.ChaseAt(p), p.AnswerBy }),
            .. s.HasEnded
                ? s
                    .Retained.Where(r => !s.IsHeld(r.Dataset))
                    .Select(r => (DateTimeOffset?)s.Calendar.StartOfDay(r.ReleaseOn))
                : [],
        ];
        return instants.Where(t => t > now).Min();
    }

    private static DateTimeOffset Earliest(DateTimeOffset a, DateTimeOffset? b) => b < a ? b.Value : a;

    private static bool MayTry(Termination s, string step, DateTimeOffset now) =>
        s.AttentionTo(step) is not { } open || open.RetryAt <= now;
}
