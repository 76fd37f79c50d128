using System.Net;
using System.Net.Mail;
using System.Net.Sockets;

namespace Portability.Notifications;

/// <summary>Hands mail to an SMTP server.</summary>
public sealed class SmtpMailer : IMailer
{
    // Mail servers may take minutes to accept a message (RFC 5321, 4.5.3.2); an activity has four in all.
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private readonly MailSettings settings;
    private readonly Uri server;

    public SmtpMailer(MailSettings settings)
    {
        this.settings = settings;
        server = settings.Smtp ?? throw new ArgumentException("The settings name no SMTP server.", nameof(settings));
    }

    /// <inheritdoc/>
    public async Task<MailOutcome> SendAsync(OutgoingMail mail, CancellationToken cancellationToken)
    {
        using MailMessage message = MailMessages.Create(settings.From, mail);
        using SmtpClient client = Connect(mail.ToAddress);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        try
        {
            await client.SendMailAsync(message, limit.Token);
            return new MailOutcome.Accepted();
        }
        catch (SmtpException refused) when (IsBounce(refused))
        {
            return new MailOutcome.Bounced($"smtp-{(int)refused.StatusCode}");
        }
        catch (SmtpException refused) when ((int)refused.StatusCode > 0)
        {
            string code = $"smtp-{(int)refused.StatusCode}";
            // Without the inner fault: a server's reply quotes the recipient's address, and faults end up in logs.
            throw new MailNotSentException(code, $"{server.Host} did not take mail {mail.MessageId}: {code}.");
        }
        catch (Exception fault) when (fault is SmtpException or SocketException or IOException)
        {
            throw new MailNotSentException("unreachable", $"{server.Host} cannot be reached by SMTP.", fault);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MailNotSentException("timeout", $"{server.Host} did not answer within {Timeout}.", late);
        }
    }

    private SmtpClient Connect(string recipient)
    {
        var client = new SmtpClient(server.Host, server.Port < 0 ? 25 : server.Port)
        {
            EnableSsl = MailSettings.UsesStartTls(server),
            // Only an address outside ASCII needs a server that speaks SMTPUTF8.
            DeliveryFormat = recipient.All(char.IsAscii)
                ? SmtpDeliveryFormat.SevenBit
                : SmtpDeliveryFormat.International,
        };
        if (server.UserInfo.Split(':') is [{ Length: > 0 } user, .. var rest])
        {
            string password = string.Join(':', rest);
            client.Credentials = new NetworkCredential(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password));
        }
        return client;
    }

    // A 5xx to the recipient or to the message itself is about this customer. Any other 5xx (authentication, sender,
    // syntax) is about our own set-up: no customer must be called unreachable for that.
    private static bool IsBounce(SmtpException refused) =>
        (int)refused.StatusCode is >= 500 and < 600
        && (
            refused is SmtpFailedRecipientException
            || refused.StatusCode is SmtpStatusCode.ExceededStorageAllocation or SmtpStatusCode.TransactionFailed
        );
}
