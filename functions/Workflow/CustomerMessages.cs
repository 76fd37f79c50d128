using Portability.Notifications;
using Portability.Storage;
using Portability.Terminations;

namespace Portability.Workflow;

/// <summary>
/// Sends a case's messages: intended on the stream first, under a Message-ID that never changes, then sent, then
/// recorded. In doubt it is sent again under the same id, so that the reader's mail program shows it once.
/// </summary>
public sealed class CustomerMessages(
    TerminationCases cases,
    TerminationStore store,
    IMailer mailer,
    MailSettings mail,
    TimeProvider clock
)
{
    public async Task SendAsync(string caseId, string messageId, CancellationToken cancellation)
    {
        Termination state = await cases.ReportAsync(caseId, new IntendMessage(messageId), cancellation);
        Message message = state.Messages[messageId];
        if (message.Status != MessageStatus.Intended)
        {
            return;
        }
        if (
            await store.ReadPersonalAsync<ContactDetails>(caseId, state.Contact, cancellation)
                is not PersonalValue<ContactDetails>.Present { Value: var person }
            || await store.ReadPersonalAsync<string>(caseId, state.CustomerName, cancellation)
                is not PersonalValue<string>.Present { Value: var customer }
        )
        {
            throw new InvalidOperationException($"Case {caseId} is redacted: nobody is left to write to.");
        }
        MailOutcome outcome = await mailer.SendAsync(
            new OutgoingMail
            {
                MessageId = messageId,
                ToName = person.Name,
                ToAddress = person.Email,
                Message = MessageComposer.Compose(
                    message.Kind,
                    message.Locale,
                    Facts(state, message, customer, person.Name)
                ),
            },
            cancellation
        );
        TerminationCommand result = outcome switch
        {
            MailOutcome.Bounced bounced => new RecordMessageBounced(messageId, bounced.Code),
            _ => new RecordMessageSent(messageId),
        };
        await cases.ReportAsync(caseId, result, cancellation);
    }

    private MessageFacts Facts(Termination state, Message message, string customer, string person)
    {
        ExportRun? export =
            message.Kind == MessageKind.ExportReady
                ? state.Exports.LastOrDefault(e => e.Status == ExportStatus.Ready)
                : null;
        Certificate? certificate = message.Kind == MessageKind.ErasureDone ? CertificateOf(state, message) : null;
        return new MessageFacts
        {
            CustomerName = customer,
            ContactName = person,
            TimeZone = state.Term.TimeZone,
            EffectiveEnd = state.EffectiveEnd,
            WindowCloses = state.WindowCloses,
            ErasureDue = state.ErasureOpens,
            Now = clock.GetUtcNow(),
            SupportAddress = mail.SupportAddress,
            Export = export is null
                ? null
                : new ReadyExport(export.Number, export.Files, export.Bytes, export.ManifestSha256!),
            Certificate = certificate is null
                ? null
                : new IssuedCertificate($"{state.CaseId}-{certificate.Number}", certificate.Sha256, state.IsRetaining),
        };
    }

    private static Certificate? CertificateOf(Termination state, Message message) =>
        state.Certificates.Find(c => c.IssuedAt == message.Deadline) ?? state.Certificates.LastOrDefault();
}

/// <summary>The customer's representative as kept in a side row of the case, never in an event.</summary>
public sealed record ContactDetails(string Name, string Email);
