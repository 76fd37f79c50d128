namespace Portability.Notifications;

/// <summary>Hands a mail over for delivery. In doubt the same mail is sent again under the same Message-ID.</summary>
public interface IMailer
{
    /// <exception cref="MailHeaderException">A header would hold a line break or an address is none.</exception>
    /// <exception cref="MailNotSentException">For now it could not be handed over: send it again later.</exception>
    Task<MailOutcome> SendAsync(OutgoingMail mail, CancellationToken cancellationToken);
}

/// <summary>A plain-text mail to one person.</summary>
public sealed record OutgoingMail
{
    /// <summary>Fixed by the caller, the same for every attempt: <c>local@domain</c>, with or without angle brackets.</summary>
    public required string MessageId { get; init; }

    public required string ToName { get; init; }
    public required string ToAddress { get; init; }
    public required ComposedMessage Message { get; init; }
}

/// <summary>What became of a mail that was not left for a later attempt.</summary>
public abstract record MailOutcome
{
    private MailOutcome() { }

    /// <summary>The next server, or the pickup folder, has taken it.</summary>
    public sealed record Accepted : MailOutcome;

    /// <summary>Refused for good: this address cannot be reached by this mail.</summary>
    /// <param name="Code">Stable and free of personal data, such as <c>smtp-550</c>.</param>
    public sealed record Bounced(string Code) : MailOutcome;
}

/// <summary>A mail could not be handed over now; a later attempt may succeed.</summary>
public sealed class MailNotSentException(string code, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Stable and free of personal data, such as <c>smtp-421</c> or <c>unreachable</c>.</summary>
    public string Code { get; } = code;
}

/// <summary>A value would break out of its mail header; the mail is refused as a whole.</summary>
public sealed class MailHeaderException(string header, string reason)
    : Exception($"The mail header '{header}' is refused: {reason}.")
{
    public string Header { get; } = header;
}
