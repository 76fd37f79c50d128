namespace Portability.Terminations;

/// <summary>
/// Every number of the termination rules. A case carries the policy it was opened under, stamped into
/// <see cref="TerminationOpened"/>, so that a later change of defaults never changes a running case.
/// </summary>
public sealed record TerminationPolicy
{
    /// <summary>Calendar days of notice before the term ends; a term ending 2027-03-31 wants it by 2027-03-01.</summary>
    public int NoticeDays { get; init; } = 30;

    /// <summary>Longest notice, in months, for switching and erasure-only notices (EU Data Act, Art. 25).</summary>
    public int StatutoryNoticeMonths { get; init; } = 2;

    /// <summary>Calendar days in which the customer may request an export.</summary>
    public int WindowDays { get; init; } = 90;

    /// <summary>Calendar days that files and links live after the last export became ready.</summary>
    public int DeliveryGraceDays { get; init; } = 14;

    /// <summary>Calendar days after the window in which a request received in time may still be registered.</summary>
    public int LateRegistrationDays { get; init; } = 5;

    /// <summary>How far in the future, in minutes, a stated time of receipt may lie (clocks differ).</summary>
    public int ReceiptToleranceMinutes { get; init; } = 5;

    /// <summary>Days before the term's end on which the customer is reminded.</summary>
    public IReadOnlyList<int> TermEndingReminders { get; init; } = [30, 7];

    /// <summary>Days before the window closes on which the customer is reminded.</summary>
    public IReadOnlyList<int> WindowClosingReminders { get; init; } = [60, 30, 7, 1];

    /// <summary>Days before the window closes on which a customer that opened no link is warned.</summary>
    public int NoLinkOpenedDays { get; init; } = 14;

    /// <summary>Months after termination for which the case keeps contact details and free text.</summary>
    public int PersonalDataMonths { get; init; } = 12;

    /// <summary>Years for which the case, its certificates and its ledger entry are kept, without personal data.</summary>
    public int CaseYears { get; init; } = 10;

    /// <summary>Calendar days after which a sub-processor that has not answered is written to again, under the same id.</summary>
    public int ProcessorChaseDays { get; init; } = 7;

    /// <summary>Calendar days after which a sub-processor's silence is a matter for a person.</summary>
    public int ProcessorAnswerDays { get; init; } = 30;

    /// <summary>Hours to the next automatic attempt after each failed one; the last value repeats.</summary>
    public IReadOnlyList<int> RetryHours { get; init; } = [1, 4, 24];
}
