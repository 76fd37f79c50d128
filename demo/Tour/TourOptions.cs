namespace Portability.Demo.Tour;

/// <summary>What the command line asked for.</summary>
internal sealed record TourOptions
{
    /// <summary>Folder that keeps what the customer and the operator would keep; <see langword="null"/> keeps nothing.</summary>
    public string? Out { get; init; }

    /// <summary>Rows of the sample LMS.</summary>
    public int Rows { get; init; } = SampleLms.DefaultRows;

    /// <summary>Whether the application stays up afterwards.</summary>
    public bool Serve { get; init; }
}

/// <summary>The tour cannot go on; the message is for the person who runs it.</summary>
internal sealed class TourException(string message, Exception? inner = null) : Exception(message, inner);
