using System.Collections.Immutable;

namespace Portability.Terminations;

public sealed partial record Termination
{
    /// <summary>Folds a whole stream.</summary>
    public static Termination Fold(IEnumerable<TerminationEvent> events) => events.Aggregate(Unopened, Evolve);

    /// <summary>Folds one event in. Never refuses: what is recorded has happened.</summary>
    public static Termination Evolve(Termination state, TerminationEvent e)
    {
        Termination s = Apply(state, e);
        return s with
        {
            Version = state.Version + 1,
            LastAt = e.At,
            WrittenSinceRedaction = s.WrittenSinceRedaction ?? (state.IsRedacted && BearsFreeText(e) ? e.At : null),
        };
    }

    /// <summary>Whether the event points to words of a person, which may come years after the first redaction.</summary>
    private static bool BearsFreeText(TerminationEvent @event) =>
        @event
            is HoldPlaced
                or ApprovalRequested { Reason: not null }
                or ApprovalRejected { Reason: not null }
                or AttentionSettled { Reason: not null };

    private static Termination Apply(Termination s, TerminationEvent @event) =>
        @event switch
        {
            TerminationOpened e => s.Open(e),
            NoticeGiven e => s.SetLastDay(e.LastDay, e.At) with { Notice = e },
            LateNoticeAccepted e => s.SetLastDay(e.LastDay, e.At),
            NoticeWithdrawn e => s.End(Phase.Withdrawn, e.At),
            ContactChanged e => s with { Contact = e.Contact, Locale = e.Locale },
            CustomerLinkIssued e => s with
            {
                CustomerLinks = s.CustomerLinks.SetItem(e.LinkId, e.ExpiresAt),
                LinkIssuers = s.LinkIssuers.SetItem(e.LinkId, e.Actor),
            },
            CustomerLinkRevoked e => s with { CustomerLinks = s.CustomerLinks.Remove(e.LinkId) },
            // A late notice that nobody decided on in time counts for the term that has now ended.
            TermEnded => s.WithoutApprovals(ApprovalSubject.LateNotice) with { TermHasEnded = true },
            AccessFrozen e => s.Settled(Steps.FreezeAccess) with { AccessFrozenAt = e.At },
            WindowMoved e => s with { MovedWindowCloses = e.WindowCloses, WindowSetAt = e.At },

            ExportRequested e => s with { Exports = s.Exports.Add(NewExport(e)) },
            DatasetExported e => s.ChangeExport(e.Export, x => x with { Datasets = x.Datasets.Add(e) }),
            ExportReady e => s.Settled(Steps.Export(e.Export)).ChangeExport(e.Export, x => Ready(x, e)),
            ExportFailed e => s.ChangeExport(e.Export, x => x with { Status = ExportStatus.Failed, Failure = e }),
            ExportCancelled e => s.Settled(Steps.Export(e.Export))
                .ChangeExport(e.Export, x => x with { Status = ExportStatus.Cancelled }),
            ExportErased e => s.Settled(Steps.EraseExport(e.Export))
                .ChangeExport(e.Export, x => x with { FilesErased = true }),
            LinksIssued => s with { LinksWereIssued = true },

            TransferConfirmed e => s with
            {
                Confirmation = new Confirmation(e.Export, e.ManifestSha256, e.EraseEarly, EarlyApproved: false, e.At),
            },
            ConfirmationRevoked => s.WithoutApprovals(ApprovalSubject.EarlyErasure) with { Confirmation = null },
            AssistanceAgreed => s,

            HoldPlaced e => s with
            {
                Holds = s.Holds.Add(new Hold(e.HoldId, e.Datasets, e.Until, e.At, e.Reason, e.LegalBasis)),
                HoldsPlaced = s.HoldsPlaced + 1,
            },
            HoldReleased e => s.Lift(e.HoldId),
            HoldExpired e => s.Lift(e.HoldId),

            ApprovalRequested e => s with
            {
                PendingApprovals = s.PendingApprovals.Add(
                    new Approval(e.ApprovalId, e.Subject, e.SubjectId, e.Actor, e.At, e.Reason)
                ),
                ApprovalsRequested = s.ApprovalsRequested + 1,
            },
            ApprovalGiven e => s.Approve(e.ApprovalId),
            ApprovalRejected e => s with { PendingApprovals = s.PendingApprovals.RemoveAll(a => a.Id == e.ApprovalId) },

            MessageIntended e => s with
            {
                Messages = s.Messages.SetItem(
                    e.MessageId,
                    new Message(e.MessageId, e.Kind, e.Deadline, e.Locale, MessageStatus.Intended)
                ),
            },
            MessageSent e => s.Settled(Steps.Message(e.MessageId)).SetMessage(e.MessageId, MessageStatus.Sent),
            MessageBounced e => s.Settled(Steps.Message(e.MessageId)).SetMessage(e.MessageId, MessageStatus.Bounced),

            ErasureStarted e => s.StartErasure(e),
            DatasetErased e => s.ChangeRun(e.Run, r => r with { Erased = r.Erased.Add(e) }),
            DatasetRetained e => s with
            {
                Retained = s
                    .Retained.RemoveAll(r => r.Dataset == e.Dataset && r.ReleaseOn == e.ReleaseOn)
                    .Add(new RetainedRows(e.Dataset, e.Class, e.LegalBasis, e.Rows, e.ReleaseOn)),
            },
            ResidueFound e => s with { Outcomes = s.Outcomes.SetItem(e.Dataset, ErasureOutcome.Unproven) },
            ErasureVerified e => s.Verify(e),
            ProcessorCommanded e => s.Command(e),
            ProcessorChased e => s.Chase(e),
            ProcessorAcknowledged e => s.Acknowledge(e),
            ProcessorAsked e => s.Ask(e),
            ProcessorAnswered e => s.Answer(e),
            CertificateIssued e => s.Settled(Steps.Erasure(e.Run))
                .ChangeRun(e.Run, r => r with { Certificate = e.Number, Ended = true }) with
            {
                Certificates = s.Certificates.Add(new Certificate(e.Number, e.Run, e.Sha256, e.At)),
            },
            RetainedDataErased e => s with
            {
                Retained = s.Retained.RemoveAll(r => r.Dataset == e.Dataset && r.ReleaseOn == e.ReleaseOn),
            },

            AttentionRaised e => s with
            {
                Attention = s
                    .Attention.RemoveAll(a => a.Step == e.Step)
                    .Add(new Attention(e.ItemId, e.Step, e.Code, e.Attempt, e.At, e.RetryAt)),
            },
            AttentionSettled e => s.SettleItem(e),
            // Whom a link was issued to is forgotten now, so it opens nothing any more.
            PersonalDataRedacted => s.Settled(Steps.Redact) with
            {
                IsRedacted = true,
                WrittenSinceRedaction = null,
                CustomerLinks = s.CustomerLinks.Clear(),
            },
            Reinstated e => s.Settled(Steps.RestoreAccess).End(Phase.Reinstated, e.At),
            AccountClosed e => s.Settled(Steps.CloseAccount).End(Phase.Closed, e.At),
            _ => throw new InvalidOperationException($"{nameof(Termination)} cannot fold {@event.GetType().Name}."),
        };

    private Termination Open(TerminationOpened e) =>
        this with
        {
            CaseId = e.CaseId,
            ContractId = e.ContractId,
            CustomerId = e.CustomerId,
            CustomerName = e.CustomerName,
            Contact = e.Contact,
            Locale = e.Locale,
            Term = e.Term,
            Policy = e.Policy,
            Calendar = new TermCalendar(e.Term.TimeZone),
            OpenedAt = e.At,
            LastDay = e.LastDay,
            LastDaySetAt = e.At,
            WindowSetAt = e.At,
        };

    private Termination SetLastDay(DateOnly lastDay, DateTimeOffset at) =>
        this with
        {
            LastDay = lastDay,
            LastDaySetAt = at,
            WindowSetAt = at,
        };

    private Termination End(Phase phase, DateTimeOffset at) =>
        this with
        {
            EndedAs = phase,
            EndedAt = at,
            // A hold outlives the case; whatever else was asked for has lost its object.
            PendingApprovals = PendingApprovals.RemoveAll(a => a.Subject != ApprovalSubject.HoldRelease),
            Attention = Attention.RemoveAll(a => Steps.EndsWithCase(a.Step)),
            Confirmation = phase == Phase.Closed ? Confirmation : null,
        };

    private static ExportRun NewExport(ExportRequested e) =>
        new(
            e.Export,
            e.ReceivedAt,
            e.At,
            e.Categories,
            e.Formats,
            ExportStatus.Running,
            Datasets: [],
            ManifestSha256: null,
            ReadyAt: null,
            Rows: 0,
            Bytes: 0,
            Files: 0,
            FilesErased: false,
            Failure: null
        );

    private static ExportRun Ready(ExportRun export, ExportReady e) =>
        export with
        {
            Status = ExportStatus.Ready,
            ManifestSha256 = e.ManifestSha256,
            ReadyAt = e.At,
            Rows = e.Rows,
            Bytes = e.Bytes,
            Files = e.Files,
            Failure = null,
        };

    private Termination ChangeExport(int number, Func<ExportRun, ExportRun> change) =>
        Export(number) is { } export ? this with { Exports = Exports.Replace(export, change(export)) } : this;

    private Termination ChangeRun(int number, Func<ErasureRun, ErasureRun> change) =>
        Erasures.Find(r => r.Number == number) is { } run
            ? this with
            {
                Erasures = Erasures.Replace(run, change(run)),
            }
            : this;

    private Termination SetMessage(string id, MessageStatus status) =>
        Messages.TryGetValue(id, out Message? message)
            ? this with
            {
                Messages = Messages.SetItem(id, message with { Status = status }),
            }
            : this;

    /// <summary>The same case with these messages out of the way.</summary>
    internal Termination WithMessagesSent(IEnumerable<Message> messages) =>
        this with
        {
            Messages = Messages.SetItems(
                messages.Select(m => KeyValuePair.Create(m.Id, m with { Status = MessageStatus.Sent }))
            ),
        };

    private Termination Lift(string holdId) =>
        this with
        {
            Holds = Holds.RemoveAll(h => h.Id == holdId),
            PendingApprovals = PendingApprovals.RemoveAll(a =>
                a.Subject == ApprovalSubject.HoldRelease && a.SubjectId == holdId
            ),
        };

    private Termination Approve(string approvalId)
    {
        Approval? approval = PendingApprovals.Find(a => a.Id == approvalId);
        Termination s = this with { PendingApprovals = PendingApprovals.RemoveAll(a => a.Id == approvalId) };
        return approval?.Subject switch
        {
            ApprovalSubject.Reinstatement => s with { ReinstatementApproved = true },
            ApprovalSubject.EarlyErasure when s.Confirmation is { } c => s with
            {
                Confirmation = c with { EarlyApproved = true },
            },
            _ => s,
        };
    }

    private Termination WithoutApprovals(ApprovalSubject subject) =>
        this with
        {
            PendingApprovals = PendingApprovals.RemoveAll(a => a.Subject == subject),
        };

    private Termination StartErasure(ErasureStarted e) =>
        Settled(Steps.StartErasure)
            .WithoutApprovals(ApprovalSubject.Reinstatement)
            .WithoutApprovals(ApprovalSubject.EarlyErasure)
            .AddProcessors(e.Processors, e.Run) with
        {
            Erasures = Erasures.Add(
                new ErasureRun(
                    e.Run,
                    e.Kind,
                    e.Early,
                    e.Datasets,
                    e.At,
                    Erased: [],
                    Outcomes: null,
                    Certificate: null,
                    Ended: false
                )
            ),
        };

    private Termination Verify(ErasureVerified e)
    {
        Termination s = Settled(Steps.Erasure(e.Run)) with
        {
            Outcomes = e.Outcomes.Aggregate(Outcomes, (all, o) => all.SetItem(o.Dataset, o.Outcome)),
        };
        // What an earlier run had to leave counts too: no certificate says "done" beside a dataset that is held.
        return s.ChangeRun(e.Run, r => r with { Outcomes = e.Outcomes, Ended = !s.EverythingIsProven });
    }

    private Termination Settled(string step) => this with { Attention = Attention.RemoveAll(a => a.Step == step) };

    private Termination SettleItem(AttentionSettled e)
    {
        Attention? item = Attention.Find(a => a.ItemId == e.ItemId);
        if (item is null)
        {
            return this;
        }
        Termination s = this with { Attention = Attention.Remove(item) };
        if (Steps.IsDelivery(item.Step) || Steps.IsMessage(item.Step))
        {
            return s.SetMessage(
                Steps.MessageIdOf(item.Step),
                e.Action == AttentionAction.Retry ? MessageStatus.Intended : MessageStatus.Settled
            );
        }
        if (Steps.IsProcessorAnswer(item.Step) && e.Action == AttentionAction.Retry)
        {
            return s.RetryProcessor(Steps.ProcessorOf(item.Step), e.At);
        }
        if (Steps.IsExport(item.Step) && e.Action == AttentionAction.Retry)
        {
            return s with
            {
                Exports = s.Exports.ConvertAll(x =>
                    Steps.Export(x.Number) == item.Step && x.Status == ExportStatus.Failed
                        ? x with
                        {
                            Status = ExportStatus.Running,
                        }
                        : x
                ),
            };
        }
        return s;
    }
}
