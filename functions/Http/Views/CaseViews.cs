using Portability.Storage;
using Portability.Terminations;
using Portability.Workflow;

namespace Portability.Http.Views;

/// <summary>Shows cases. A customer sees its own case without what is said and done about it among staff.</summary>
public sealed class CaseViews(TerminationStore store, TimeProvider clock)
{
    public async Task<TerminationView> ShowAsync(CaseSnapshot found, Identity viewer, CancellationToken cancellation)
    {
        Termination s = found.State;
        bool staff = !viewer.IsCustomer;
        var personal = new PersonalReader(store, s.CaseId, cancellation);
        ContactDetails? contact = await personal.ReadAsync<ContactDetails>(s.Contact);
        return new TerminationView
        {
            Id = s.CaseId,
            Version = s.Version,
            ContractId = s.ContractId,
            CustomerId = s.CustomerId,
            CustomerName = await personal.ReadAsync<string>(s.CustomerName),
            Contact = contact is null ? null : new ContactView(contact.Name, contact.Email, s.Locale),
            Phase = s.Phase,
            OnHold = s.IsOnHold,
            Attention = s.NeedsAttention,
            Retaining = s.IsRetaining,
            Term = s.Term,
            Notice = s.Notice is { } notice
                ? new NoticeView(
                    notice.Kind,
                    notice.ReceivedAt,
                    notice.Channel,
                    await personal.ReadAsync<string>(notice.Reference),
                    notice.Timing
                )
                : null,
            Dates = new DatesView(
                s.OpenedAt,
                s.LastDay,
                s.EffectiveEnd,
                s.WindowCloses,
                s.ErasureDue,
                s.ErasureOpens,
                s.EndedAt
            ),
            Exports = [.. s.Exports.Select(Show)],
            Confirmation = s.Confirmation is { } c
                ? new ConfirmationView(c.Export, c.ManifestSha256, c.EraseEarly, c.EarlyApproved, c.At)
                : null,
            Holds = await HoldsAsync(s, staff, personal),
            Retained = s.Retained,
            PendingApprovals = await ApprovalsAsync(s, staff, personal),
            AttentionItems = staff
                ?
                [
                    .. s.Attention.Select(a => new AttentionView(
                        a.ItemId,
                        a.Step,
                        a.Code,
                        a.Attempt,
                        a.RaisedAt,
                        a.RetryAt
                    )),
                ]
                : [],
            Erasures = [.. s.Erasures.Select(run => Show(s, run))],
            Processors = staff ? [.. s.Processors.Values.Select(Show)] : [],
            Certificates = Certificates(s),
            CustomerLinks = staff ? [.. s.CustomerLinks.Select(l => new CustomerLinkView(l.Key, l.Value))] : [],
            Next = Next(s),
        };
    }

    public static IReadOnlyList<CertificateView> Certificates(Termination s) =>
        [
            .. s.Certificates.Select(
                (c, i) =>
                    new CertificateView(
                        c.Number,
                        c.Run,
                        c.Sha256,
                        c.IssuedAt,
                        i == 0 ? null : s.Certificates[i - 1].Number
                    )
            ),
        ];

    public static ListedCaseView Show(IndexedCase listed) =>
        new(
            listed.CaseId,
            listed.Version,
            listed.Summary.ContractId,
            listed.Summary.CustomerId,
            listed.Summary.Phase,
            listed.Summary.OnHold,
            listed.Summary.NeedsAttention,
            listed.Summary.Retaining,
            listed.Summary.OpenedAt,
            listed.Summary.LastAt,
            listed.Summary.DueAt
        );

    public static ExportView Show(ExportRun export) =>
        new()
        {
            Number = export.Number,
            Status = export.Status,
            ReceivedAt = export.ReceivedAt,
            RequestedAt = export.RequestedAt,
            ReadyAt = export.ReadyAt,
            Categories = export.Categories,
            Formats = export.Formats,
            ManifestSha256 = export.ManifestSha256,
            FileCount = export.Files,
            Rows = export.Rows,
            Bytes = export.Bytes,
            DatasetsDone = export.Datasets.Count,
            FilesErased = export.FilesErased,
            Failure = Failure(export),
        };

    public static ExportFailureView? Failure(ExportRun export) =>
        export.Failure is { } failure ? new ExportFailureView(failure.File, failure.Code) : null;

    private static ProcessorView Show(ProcessorErasure p) =>
        new(p.Name, p.Run, p.Status, p.SentAt, p.AnswerBy, p.Chases, p.AcknowledgedAt, p.Erased, p.Reference, p.Held);

    private static ErasureView Show(Termination s, ErasureRun run) =>
        new(
            run.Number,
            run.Kind,
            run.Early,
            run.StartedAt,
            [.. run.Erased.Select(e => new ErasedView(e.Dataset, e.Before, e.Deleted, e.Anonymised, e.Unlinked))],
            [.. s.Processors.Values.Where(p => p.Run == run.Number && p.IsAwaited).Select(p => p.Name)],
            run.Outcomes,
            run.Certificate
        );

    private NextView Next(Termination s) =>
        Lifecycle.Next(s, clock.GetUtcNow()) switch
        {
            NextStep.Wait wait => new NextView("wait", wait.Until),
            NextStep step => new NextView(
                System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(step.GetType().Name),
                At: null
            ),
        };

    private static async Task<IReadOnlyList<HoldView>> HoldsAsync(Termination s, bool staff, PersonalReader personal)
    {
        List<HoldView> holds = [];
        foreach (Hold hold in s.Holds)
        {
            string? reason = staff ? await personal.ReadAsync<string>(hold.Reason) : null;
            string? basis = staff ? await personal.ReadAsync<string>(hold.LegalBasis) : null;
            holds.Add(new HoldView(hold.Id, hold.Datasets, hold.PlacedAt, hold.Until, reason, basis));
        }
        return holds;
    }

    private static async Task<IReadOnlyList<ApprovalView>> ApprovalsAsync(
        Termination s,
        bool staff,
        PersonalReader personal
    )
    {
        List<ApprovalView> approvals = [];
        foreach (Approval a in s.PendingApprovals)
        {
            string? reason = staff && a.Reason is { } text ? await personal.ReadAsync<string>(text) : null;
            string? asker = staff ? a.RequestedBy : null;
            approvals.Add(new ApprovalView(a.Id, a.Subject, a.SubjectId, asker, a.RequestedAt, reason));
        }
        return approvals;
    }

    /// <summary>Reads personal values of one case; null once they are redacted.</summary>
    private sealed class PersonalReader(TerminationStore store, string caseId, CancellationToken cancellation)
    {
        public async Task<T?> ReadAsync<T>(PersonalRef reference)
            where T : class =>
            await store.ReadPersonalAsync<T>(caseId, reference, cancellation) is PersonalValue<T>.Present present
                ? present.Value
                : null;
    }
}
