using System.Net.Mail;
using System.Text;

namespace Portability.Notifications;

/// <summary>Builds the mail that goes out; both ways of sending use it, so that they send the same.</summary>
internal static class MailMessages
{
    /// <exception cref="MailHeaderException">A header would hold a line break or an address is none.</exception>
    public static MailMessage Create(MailAddress from, OutgoingMail mail)
    {
        MailAddress to = Recipient(mail);
        string messageId = MessageId(mail.MessageId);
        var message = new MailMessage(from, to)
        {
            Subject = Clean("Subject", mail.Message.Subject),
            SubjectEncoding = Encoding.UTF8,
            Body = mail.Message.Body,
            BodyEncoding = Encoding.UTF8,
            HeadersEncoding = Encoding.UTF8,
        };
        message.Headers["Message-ID"] = messageId;
        message.Headers["Content-Language"] = Clean("Content-Language", mail.Message.Language);
        // No out-of-office replies, please (RFC 3834).
        message.Headers["Auto-Submitted"] = "auto-generated";
        return message;
    }

    /// <summary>The Message-ID with its angle brackets.</summary>
    /// <exception cref="MailHeaderException">It is not of the form <c>local@domain</c>.</exception>
    public static string MessageId(string value)
    {
        string id = Clean("Message-ID", value);
        if (id.StartsWith('<') && id.EndsWith('>'))
        {
            id = id[1..^1];
        }
        string[] parts = id.Split('@');
        bool whole = parts.Length == 2 && parts.All(part => part.Length > 0 && part.All(IsAtomText));
        return whole ? $"<{id}>" : throw new MailHeaderException("Message-ID", "it is not of the form local@domain");
    }

    private static MailAddress Recipient(OutgoingMail mail)
    {
        string name = Clean("To", mail.ToName);
        string address = Clean("To", mail.ToAddress);
        // TryCreate would read "Name <address>" out of the address as well: only a bare address is meant here.
        return MailAddress.TryCreate(address, name, Encoding.UTF8, out MailAddress? to) && to.Address == address
            ? to
            : throw new MailHeaderException("To", "the address is not a mail address");
    }

    private static string Clean(string header, string value) =>
        value.Any(character => char.IsControl(character) || character is '\u2028' or '\u2029')
            ? throw new MailHeaderException(header, "it holds a line break or another control character")
            : value;

    private static bool IsAtomText(char character) =>
        char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-/=?^_`{|}~.".Contains(character, StringComparison.Ordinal);
}
