using System.Globalization;

namespace Portability.Terminations;

// Erasure: nothing too early, nothing that is held, nothing claimed that a scan has not shown.
public static partial class TerminationDecider
{
    private static Decision Start(Termination s, StartErasure c, DateTimeOffset now)
    {
        if (s.Erasures.Exists(r => !r.Ended))
        {
            return AlreadyDone;
        }
        // The same function that names the step allows it: there is no second list of conditions to drift.
        if (Lifecycle.Next(Quiet(s, now), now) is not NextStep.StartErasure next)
        {
            return WrongState("erasure-not-due", "Erasure may not start now.", "Read the case for what it waits for.");
        }
        if (next.Kind == ErasureKind.Full && c.OtherContractLives)
        {
            // Said once for as long as it is so: the step is taken again and again, and nobody needs to read that each day.
            return s.AttentionTo(Steps.StartErasure) is { Code: Steps.OtherContractLives }
                ? AlreadyDone
                : Accept(
                    NewAttention(s, Steps.StartErasure, Steps.OtherContractLives, RetryAt(s, Steps.StartErasure, now))
                );
        }
        bool early = next.Kind == ErasureKind.Full && !s.ErasureHasStarted && now < s.ErasureOpens;
        return Accept(
            new ErasureStarted(s.Erasures.Count + 1, next.Kind, early, next.Datasets)
            {
                // What the law keeps is kept here; a release run years later has nothing for others to erase.
                Processors = next.Kind == ErasureKind.Full ? c.Processors : [],
            }
        );
    }

    /// <summary>
    /// The case with its due messages taken as sent: they go first, but are no condition of erasure, unless sending
    /// them has failed.
    /// </summary>
    private static Termination Quiet(Termination s, DateTimeOffset now)
    {
        IEnumerable<Message> due = s
            .Messages.Values.Where(m =>
                m.Status == MessageStatus.Intended && s.AttentionTo(Steps.Message(m.Id)) is null
            )
            .Concat(
                Reminders
                    .DueAt(s, now)
                    .Select(r => new Message(r.MessageId, r.Kind, r.Deadline, s.Locale, MessageStatus.Intended))
            );
        return s.WithMessagesSent(due);
    }

    private static Decision Erased(Termination s, RecordDatasetErased c)
    {
        if (Unfinished(s, c.Run) is not { } run)
        {
            return RunEndedOr(s, c.Run);
        }
        if (run.Erased.Exists(e => e.Dataset == c.Dataset))
        {
            return AlreadyDone;
        }
        if (s.IsHeld(c.Dataset))
        {
            return Held(c.Dataset);
        }
        return Accept(new DatasetErased(c.Run, c.Dataset, c.Before, c.Deleted, c.Anonymised, c.Unlinked));
    }

    private static Decision Kept(Termination s, RecordDatasetRetained c)
    {
        if (Unfinished(s, c.Run) is null)
        {
            return RunEndedOr(s, c.Run);
        }
        if (!TermCalendar.IsPlausible(c.ReleaseOn))
        {
            return BreaksRule(
                "implausible-date",
                "releaseOn",
                $"The release date of {c.Dataset} is not plausible.",
                "Mend the anchor column's value in the source."
            );
        }
        RetainedRows rows = new(c.Dataset, c.Class, c.LegalBasis, c.Rows, c.ReleaseOn);
        return s.Retained.Contains(rows)
            ? AlreadyDone
            : Accept(new DatasetRetained(c.Run, c.Dataset, c.Class, c.LegalBasis, c.Rows, c.ReleaseOn));
    }

    private static Decision Released(Termination s, RecordRetainedErased c, DateTimeOffset now)
    {
        if (Unfinished(s, c.Run) is null)
        {
            return RunEndedOr(s, c.Run);
        }
        if (s.Retained.Find(r => r.Dataset == c.Dataset && r.ReleaseOn == c.ReleaseOn) is not { } kept)
        {
            return AlreadyDone;
        }
        if (s.IsHeld(c.Dataset))
        {
            return Held(c.Dataset);
        }
        return s.Calendar.StartOfDay(kept.ReleaseOn) <= now
            ? Accept(new RetainedDataErased(c.Run, c.Dataset, c.Rows, c.ReleaseOn))
            : WrongState("retention-runs", "The law still requires these rows.", "Wait for the release date.");
    }

    private static Decision Residue(Termination s, RecordResidue c) =>
        Unfinished(s, c.Run) is not { } run ? RunEndedOr(s, c.Run)
        // The scan has spoken; a finding of it that comes after its word is a repeat.
        : run.Outcomes is not null ? AlreadyDone
        : s.Outcomes.GetValueOrDefault(c.Dataset) == ErasureOutcome.Unproven && s.Outcomes.ContainsKey(c.Dataset)
            ? AlreadyDone
        : Accept(new ResidueFound(c.Run, c.Dataset, c.Rows));

    private static Decision Verified(Termination s, RecordVerification c)
    {
        if (Unfinished(s, c.Run) is not { } run)
        {
            return RunEndedOr(s, c.Run);
        }
        if (run.Outcomes is not null)
        {
            return AlreadyDone;
        }
        // A scan that passes a dataset over would prove it by silence.
        IEnumerable<string> scanned = c.Outcomes.Select(o => o.Dataset);
        IReadOnlyList<string> missing =
        [
            .. run
                .Datasets.Union(run.Erased.Select(e => e.Dataset), StringComparer.Ordinal)
                .Except(scanned, StringComparer.Ordinal),
        ];
        if (c.Outcomes.Count == 0 || missing.Count > 0)
        {
            return BreaksRule(
                "outcomes-incomplete",
                "outcomes",
                $"The scan says nothing of {(missing.Count > 0 ? string.Join(", ", missing) : "any dataset")}.",
                "Scan every dataset that the run took."
            );
        }
        if (run.Kind == ErasureKind.Release && Unreleased(s, run, c.Outcomes) is { } unreleased)
        {
            return WrongState(
                "release-not-recorded",
                $"Rows of {unreleased} whose time has run out are not recorded as erased.",
                "Record what the run erased before its scan."
            );
        }
        ErasureVerified verified = new(c.Run, c.Outcomes);
        bool unproven = c.Outcomes.Any(o => o.Outcome == ErasureOutcome.Unproven);
        return unproven
            ? Accept(verified, NewAttention(s, Steps.Residue(c.Run), "unproven", retryAt: null))
            : Accept(verified);
    }

    /// <summary>A dataset that the scan calls settled although rows the run was to release still count as retained.</summary>
    private static string? Unreleased(Termination s, ErasureRun run, IReadOnlyList<DatasetOutcome> outcomes) =>
        outcomes
            .FirstOrDefault(o =>
                o.Outcome is ErasureOutcome.Verified or ErasureOutcome.Retained
                && (run.Datasets.Count == 0 || run.Datasets.Contains(o.Dataset, StringComparer.Ordinal))
                && s.Retained.Exists(r => r.Dataset == o.Dataset && s.Calendar.StartOfDay(r.ReleaseOn) <= run.StartedAt)
            )
            ?.Dataset;

    private static Decision Certified(Termination s, RecordCertificate c)
    {
        if (s.Certificates.Exists(x => x.Run == c.Run))
        {
            return AlreadyDone;
        }
        if (Unfinished(s, c.Run) is not { } run)
        {
            return RunEndedOr(s, c.Run);
        }
        bool proven = run.Outcomes is not null && s.EverythingIsProven && s.ProcessorsAreDone;
        return proven
            ? Accept(new CertificateIssued(c.Number, c.Run, c.Sha256))
            : WrongState("not-proven", "Not everything is proven erased.", "Read the run's outcomes.");
    }

    private static Decision Closed(Termination s)
    {
        if (s.Phase == Phase.Closed)
        {
            return AlreadyDone;
        }
        return s.Erasures.LastOrDefault()?.Certificate is not null && s.EverythingIsProven
            ? Accept(new AccountClosed())
            : WrongState("not-certified", "The account closes after the certificate.", "Wait for erasure to end.");
    }

    private static Decision Redacted(Termination s, RecordPersonalDataRedacted c, DateTimeOffset now)
    {
        if (s.IsRedacted && s.WrittenSinceRedaction is null)
        {
            return AlreadyDone;
        }
        return Lifecycle.RedactionDue(s) <= now && !s.IsOnHold
            ? Accept(new PersonalDataRedacted(c.Values))
            : WrongState("redaction-not-due", "Contact details are still kept.", "Wait for the date.");
    }

    private static ErasureRun? Unfinished(Termination s, int run) => s.Erasures.Find(r => r.Number == run && !r.Ended);

    /// <summary>A late report of a run that has ended changes nothing; one of an unknown run is a fault.</summary>
    private static Decision RunEndedOr(Termination s, int run) =>
        s.Erasures.Exists(r => r.Number == run) ? AlreadyDone : UnknownRun(run);

    private static Decision UnknownRun(int run) =>
        UnknownPart("erasure-run", run.ToString(CultureInfo.InvariantCulture));

    private static Decision Held(string dataset) =>
        WrongState("held", $"A hold covers {dataset}.", "Wait until the hold ends.");
}
