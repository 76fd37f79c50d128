using System.Globalization;

namespace Portability.Terminations;

/// <summary>A message the customer is to get, and when.</summary>
/// <param name="MessageId">Deterministic, from case, kind and deadline: one deadline, one message.</param>
/// <param name="Due">When it is to go, UTC.</param>
/// <param name="Deadline">What it speaks of; a moved deadline makes it another message.</param>
public sealed record Reminder(string MessageId, MessageKind Kind, DateTimeOffset Due, DateTimeOffset Deadline);

/// <summary>
/// Which messages a case sends and when: each once for its deadline, skipped when overtaken by a later one, by the
/// deadline itself, or when its day had passed before the deadline was known.
/// </summary>
public static class Reminders
{
    /// <summary>Messages to send now, oldest first.</summary>
    public static IEnumerable<Reminder> DueAt(Termination s, DateTimeOffset now) =>
        Planned(s, now).Where(r => r.Due <= now && !s.Messages.ContainsKey(r.MessageId)).OrderBy(r => r.Due);

    /// <summary>When the next message falls due; null when none is planned.</summary>
    public static DateTimeOffset? NextAfter(Termination s, DateTimeOffset now) =>
        Planned(s, now)
            .Where(r => r.Due > now && !s.Messages.ContainsKey(r.MessageId))
            .Select(r => (DateTimeOffset?)r.Due)
            .Min();

    private static IEnumerable<Reminder> Planned(Termination s, DateTimeOffset now)
    {
        if (s.Phase is Phase.Withdrawn or Phase.Reinstated or Phase.PendingApproval || s.IsRedacted)
        {
            return [];
        }
        return [.. BeforeTermEnd(s, now), .. InWindow(s, now), .. Outcomes(s)];
    }

    private static IEnumerable<Reminder> BeforeTermEnd(Termination s, DateTimeOffset now)
    {
        if (s.TermHasEnded || now >= s.EffectiveEnd)
        {
            return [];
        }
        DateOnly over = s.LastDay.AddDays(1);
        IEnumerable<Reminder> ending = Series(
            s,
            MessageKind.TermEnding,
            s.Policy.TermEndingReminders.Select(days => s.Calendar.StartOfDay(over.AddDays(-days))),
            s.EffectiveEnd,
            s.LastDaySetAt,
            now
        );
        return s.Notice is null
            ? ending
            : ending.Prepend(New(s, MessageKind.NoticeReceived, s.LastDaySetAt, s.EffectiveEnd));
    }

    private static IEnumerable<Reminder> InWindow(Termination s, DateTimeOffset now)
    {
        if (!s.AccessIsFrozen || s.ErasureHasStarted || s.HasEnded || now >= s.WindowCloses)
        {
            yield break;
        }
        yield return New(s, MessageKind.WindowOpened, s.EffectiveEnd, s.EffectiveEnd);
        DateOnly closes = s.Calendar.DateOf(s.WindowCloses);
        IEnumerable<Reminder> closing = Series(
            s,
            MessageKind.WindowClosing,
            s.Policy.WindowClosingReminders.Select(days => s.Calendar.StartOfDay(closes.AddDays(-days))),
            s.WindowCloses,
            s.WindowSetAt,
            now
        );
        foreach (Reminder reminder in closing)
        {
            yield return reminder;
        }
        DateTimeOffset warnAt = s.Calendar.StartOfDay(closes.AddDays(-s.Policy.NoLinkOpenedDays));
        if (!s.LinksWereIssued && warnAt >= s.WindowSetAt)
        {
            yield return New(s, MessageKind.NoLinkOpened, warnAt, s.WindowCloses);
        }
    }

    private static IEnumerable<Reminder> Outcomes(Termination s)
    {
        if (
            !s.ErasureHasStarted
            && s.Exports.LastOrDefault() is { Status: ExportStatus.Ready, ReadyAt: { } readyAt } ready
        )
        {
            yield return New(s, MessageKind.ExportReady, readyAt, s.ErasureDue, ready.Number);
        }
        foreach (Certificate certificate in s.Certificates)
        {
            yield return New(
                s,
                MessageKind.ErasureDone,
                certificate.IssuedAt,
                certificate.IssuedAt,
                certificate.Number
            );
        }
    }

    /// <summary>Of a series of reminders of one deadline only the latest that is due counts.</summary>
    private static IEnumerable<Reminder> Series(
        Termination s,
        MessageKind kind,
        IEnumerable<DateTimeOffset> dues,
        DateTimeOffset deadline,
        DateTimeOffset knownSince,
        DateTimeOffset now
    )
    {
        List<DateTimeOffset> ordered = [.. dues.Where(d => d >= knownSince).Order()];
        int lastDue = ordered.FindLastIndex(d => d <= now);
        return ordered
            .Skip(Math.Max(lastDue, 0))
            .Select(due => New(s, kind, due, deadline, (int)Math.Round((deadline - due).TotalDays)));
    }

    private static Reminder New(
        Termination s,
        MessageKind kind,
        DateTimeOffset due,
        DateTimeOffset deadline,
        int? part = null
    )
    {
        string name = char.ToLowerInvariant(kind.ToString()[0]) + kind.ToString()[1..];
        string number = part is { } n ? "-" + n.ToString(CultureInfo.InvariantCulture) : "";
        string stamp = deadline.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        return new Reminder($"{s.CaseId}.{name}{number}.{stamp}@portability", kind, due, deadline);
    }
}
