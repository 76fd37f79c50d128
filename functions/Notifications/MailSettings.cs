using System.Net;
using System.Net.Mail;
using Microsoft.Extensions.Configuration;

namespace Portability.Notifications;

/// <summary>Where mail goes: to an SMTP server or into a folder.</summary>
public sealed record MailSettings
{
    public required MailAddress From { get; init; }

    /// <summary>Where customers write with questions; the sender's address unless <c>Mail:Support</c> says otherwise.</summary>
    public required string SupportAddress { get; init; }

    /// <summary><c>smtp://[user:password@]host[:port][?starttls=true]</c>.</summary>
    public Uri? Smtp { get; init; }

    /// <summary>Every mail becomes a file here, named by its Message-ID.</summary>
    public string? PickupFolder { get; init; }

    /// <summary>Reads <c>Mail:From</c>, <c>Mail:Support</c>, and either <c>Mail:Smtp</c> or <c>Mail:PickupFolder</c>.</summary>
    /// <exception cref="InvalidOperationException">A setting is missing or wrong; the message names it and the mend.</exception>
    public static MailSettings Read(IConfiguration configuration)
    {
        string from = configuration["Mail:From"] ?? "";
        if (!MailAddress.TryCreate(from, out MailAddress? sender))
        {
            throw new InvalidOperationException(
                $"The setting Mail__From must be a mail address such as 'Support <support@example.com>'; it is '{from}'."
            );
        }
        string? smtp = Value(configuration, "Mail:Smtp");
        string? folder = Value(configuration, "Mail:PickupFolder");
        if (smtp is null == folder is null)
        {
            throw new InvalidOperationException(
                "Set exactly one of Mail__Smtp (smtp://host:port) and Mail__PickupFolder (a folder for .eml files)."
            );
        }
        return new MailSettings
        {
            From = sender,
            SupportAddress = Value(configuration, "Mail:Support") ?? sender.Address,
            Smtp = smtp is null ? null : SmtpUri(smtp),
            PickupFolder = folder,
        };
    }

    /// <summary>The mailer that these settings choose.</summary>
    public IMailer CreateMailer() => PickupFolder is { } folder ? new PickupMailer(From, folder) : new SmtpMailer(this);

    private static Uri SmtpUri(string value)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out Uri? uri) || uri.Scheme != "smtp" || uri.Host.Length == 0)
        {
            throw new InvalidOperationException("The setting Mail__Smtp must look like smtp://host:port.");
        }
        if (uri.UserInfo.Length > 0 && !UsesStartTls(uri) && !IsLoopback(uri.Host))
        {
            throw new InvalidOperationException(
                "The setting Mail__Smtp holds a password that would travel in clear: add ?starttls=true."
            );
        }
        return uri;
    }

    internal static bool UsesStartTls(Uri uri) =>
        uri.Query.Contains("starttls=true", StringComparison.OrdinalIgnoreCase);

    private static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));

    private static string? Value(IConfiguration configuration, string key) =>
        configuration[key] is { Length: > 0 } value ? value : null;
}
