namespace Portability.Notifications;

/// <summary>What a message may tell of a case. Dates are shown as calendar days of the contract's own time zone.</summary>
public sealed record MessageFacts
{
    public required string CustomerName { get; init; }

    /// <summary>The customer's representative, who is greeted by this name.</summary>
    public required string ContactName { get; init; }

    /// <summary>IANA name of the contract's time zone.</summary>
    public required string TimeZone { get; init; }

    /// <summary>The instant at which the term is over; its day before is shown as the last day of service.</summary>
    public required DateTimeOffset EffectiveEnd { get; init; }

    /// <summary>The instant at which the window is over; its day before is shown as the last day for requests.</summary>
    public required DateTimeOffset WindowCloses { get; init; }

    /// <summary>Erasure starts then at the earliest.</summary>
    public required DateTimeOffset ErasureDue { get; init; }

    /// <summary>When the message is written: days left are counted from here.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The customer's own page, with the token that opens it; null leaves it unmentioned.</summary>
    public Uri? Page { get; init; }

    /// <summary>Mail address of customer support.</summary>
    public required string SupportAddress { get; init; }

    /// <summary>The export that became ready; <c>ExportReady</c> needs it.</summary>
    public ReadyExport? Export { get; init; }

    /// <summary>The certificate that was issued; <c>ErasureDone</c> needs it.</summary>
    public IssuedCertificate? Certificate { get; init; }
}

/// <param name="Number">Number of the export within the case.</param>
/// <param name="Bytes">Size of all files together.</param>
/// <param name="ManifestSha256">Lower-case hex.</param>
public sealed record ReadyExport(int Number, int Files, long Bytes, string ManifestSha256);

/// <param name="Number">Number of the certificate as the customer knows it.</param>
/// <param name="Sha256">Of the JSON certificate, lower-case hex.</param>
/// <param name="KeepsData">Whether the certificate lists anything that the law requires us to keep.</param>
public sealed record IssuedCertificate(string Number, string Sha256, bool KeepsData);

/// <summary>A message ready to send: subject and plain text, without addresses.</summary>
/// <param name="Language">Tag of the language it is written in: <c>en</c>, <c>sv</c> or <c>nb</c>.</param>
public sealed record ComposedMessage(string Language, string Subject, string Body);
