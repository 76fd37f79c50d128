using System.Net.Mail;

namespace Portability.Notifications;

/// <summary>
/// Leaves each mail in a folder as a file in the Internet Message Format, named by its Message-ID: sending again
/// overwrites, so that a folder never holds a mail twice.
/// </summary>
public sealed class PickupMailer(MailAddress from, string folder) : IMailer
{
    private readonly string folder = Path.GetFullPath(folder);

    /// <inheritdoc/>
    public async Task<MailOutcome> SendAsync(OutgoingMail mail, CancellationToken cancellationToken)
    {
        using MailMessage message = MailMessages.Create(from, mail);
        string name = FileName(mail.MessageId);
        // The framework's writer chooses a name of its own, so it writes aside and the whole file is moved into place.
        string aside = Path.Combine(folder, $".{Path.GetRandomFileName()}");
        try
        {
            Directory.CreateDirectory(aside);
            using (var client = new SmtpClient())
            {
                client.DeliveryMethod = SmtpDeliveryMethod.SpecifiedPickupDirectory;
                client.PickupDirectoryLocation = aside;
                await client.SendMailAsync(message, cancellationToken);
            }
            File.Move(Directory.GetFiles(aside).Single(), Path.Combine(folder, name), overwrite: true);
            return new MailOutcome.Accepted();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or SmtpException)
        {
            throw new MailNotSentException("pickup-folder", $"The mail could not be written into {folder}.", fault);
        }
        finally
        {
            if (Directory.Exists(aside))
            {
                Directory.Delete(aside, recursive: true);
            }
        }
    }

    // Characters that some file system refuses become "_"; the ids that the workflow gives hold none of them.
    private static string FileName(string messageId)
    {
        string id = MailMessages.MessageId(messageId)[1..^1];
        return string.Concat(id.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '@' ? c : '_')) + ".eml";
    }
}
