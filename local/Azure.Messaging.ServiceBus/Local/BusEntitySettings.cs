#nullable enable
using System.Globalization;
using System.Xml;

namespace Portability.Local.Bus;

/// <summary>How a queue, topic or subscription behaves; the defaults are those of the service.</summary>
internal sealed record BusEntitySettings
{
    /// <summary>In real time.</summary>
    public TimeSpan LockDuration { get; init; } = TimeSpan.FromSeconds(60);

    public int MaxDeliveryCount { get; init; } = 10;

    /// <summary>On the virtual clock; null when repeats are not looked for.</summary>
    public TimeSpan? DuplicateDetectionWindow { get; init; }

    public TimeSpan? DefaultMessageTimeToLive { get; init; }

    public bool DeadLetteringOnMessageExpiration { get; init; }

    /// <summary>Reads the properties by the names they have in the service's emulator.</summary>
    /// <exception cref="FormatException">A value is not what it should be, or a name is unknown.</exception>
    public static BusEntitySettings Read(string entity, IEnumerable<KeyValuePair<string, string>> properties)
    {
        var settings = new BusEntitySettings();
        bool detects = false;
        TimeSpan window = TimeSpan.FromMinutes(10);
        foreach ((string name, string value) in properties)
        {
            try
            {
                switch (name.ToUpperInvariant())
                {
                    case "LOCKDURATION":
                        settings = settings with { LockDuration = Span(value) };
                        break;
                    case "MAXDELIVERYCOUNT":
                        settings = settings with { MaxDeliveryCount = int.Parse(value, CultureInfo.InvariantCulture) };
                        break;
                    case "REQUIRESDUPLICATEDETECTION":
                        detects = bool.Parse(value);
                        break;
                    case "DUPLICATEDETECTIONHISTORYTIMEWINDOW":
                        window = Span(value);
                        break;
                    case "DEFAULTMESSAGETIMETOLIVE":
                        settings = settings with { DefaultMessageTimeToLive = Span(value) };
                        break;
                    case "DEADLETTERINGONMESSAGEEXPIRATION":
                        settings = settings with { DeadLetteringOnMessageExpiration = bool.Parse(value) };
                        break;
                    default:
                        throw new FormatException("It is not known here.");
                }
            }
            catch (Exception fault) when (fault is FormatException or OverflowException)
            {
                throw new FormatException(
                    $"{entity}: the property {name}={value} cannot be used. {fault.Message}",
                    fault
                );
            }
        }
        if (
            settings.MaxDeliveryCount < 1
            || settings.LockDuration <= TimeSpan.Zero
            || settings.LockDuration > TimeSpan.FromMinutes(5)
        )
        {
            throw new FormatException($"{entity}: MaxDeliveryCount is at least 1, LockDuration up to five minutes.");
        }
        return detects ? settings with { DuplicateDetectionWindow = window } : settings;
    }

    // ISO 8601 as in the emulator's file, or .NET's own form.
    private static TimeSpan Span(string text) =>
        text.StartsWith('P') ? XmlConvert.ToTimeSpan(text) : TimeSpan.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>The entities that the host's settings declare, and whether others are made on first use.</summary>
internal sealed record BusEntities
{
    public IReadOnlyDictionary<string, BusEntitySettings> Queues { get; init; } = Empty;

    public IReadOnlyDictionary<string, BusEntitySettings> Topics { get; init; } = Empty;

    /// <summary>By path, <c>topic/Subscriptions/name</c>.</summary>
    public IReadOnlyDictionary<string, BusEntitySettings> Subscriptions { get; init; } = Empty;

    public bool CreateOnFirstUse { get; init; } = true;

    private static Dictionary<string, BusEntitySettings> Empty => new(StringComparer.OrdinalIgnoreCase);
}
