namespace Azure.Messaging.ServiceBus;

/// <summary>The parts of a connection string.</summary>
public class ServiceBusConnectionStringProperties
{
    public ServiceBusConnectionStringProperties() { }

    public string FullyQualifiedNamespace => Endpoint?.Host;

    public Uri Endpoint { get; private set; }

    public string EntityPath { get; private set; }

    public string SharedAccessKeyName { get; private set; }

    public string SharedAccessKey { get; private set; }

    public string SharedAccessSignature { get; private set; }

    /// <summary>Set by <c>UseDevelopmentEmulator=true</c>: the endpoint is an address on this machine.</summary>
    internal bool IsEmulator { get; private set; }

    /// <exception cref="FormatException">A part is malformed, or no endpoint is named.</exception>
    public static ServiceBusConnectionStringProperties Parse(string connectionString)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        var parsed = new ServiceBusConnectionStringProperties();
        foreach (
            var part in connectionString.Split(
                ';',
                StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
            )
        )
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || equals == part.Length - 1)
            {
                throw new FormatException(
                    "The connection string could not be parsed: its parts have the form name=value, separated by semicolons."
                );
            }
            parsed.Set(part[..equals].Trim(), part[(equals + 1)..].Trim());
        }
        return parsed;
    }

    /// <summary>Parses what a client is made from: endpoint and either key or signature are required.</summary>
    internal static ServiceBusConnectionStringProperties ParseForClient(string connectionString)
    {
        var parsed = Parse(connectionString);
        var signed = parsed.SharedAccessSignature is not null;
        var keyed = parsed.SharedAccessKeyName is not null && parsed.SharedAccessKey is not null;
        if (parsed.Endpoint is null || signed == (parsed.SharedAccessKeyName ?? parsed.SharedAccessKey) is not null)
        {
            throw new ArgumentException(
                "The connection string used for a Service Bus client must specify the endpoint and either a shared access "
                    + "key (both the name and the value) or a shared access signature.",
                nameof(connectionString)
            );
        }
        return signed || keyed
            ? parsed
            : throw new ArgumentException(
                "The connection string has one of SharedAccessKeyName and SharedAccessKey; both are needed.",
                nameof(connectionString)
            );
    }

    private void Set(string name, string value)
    {
        switch (name.ToUpperInvariant())
        {
            case "ENDPOINT":
                Endpoint =
                    Uri.TryCreate(value, UriKind.Absolute, out var endpoint)
                    && (endpoint.Scheme == "sb" || !value.Contains("://", StringComparison.Ordinal))
                        ? endpoint
                        : throw new FormatException($"The endpoint '{value}' is not of the form sb://host/.");
                break;
            case "ENTITYPATH":
                EntityPath = value;
                break;
            case "SHAREDACCESSKEYNAME":
                SharedAccessKeyName = value;
                break;
            case "SHAREDACCESSKEY":
                SharedAccessKey = value;
                break;
            case "SHAREDACCESSSIGNATURE":
                SharedAccessSignature = value;
                break;
            case "USEDEVELOPMENTEMULATOR":
                IsEmulator = bool.TryParse(value, out var emulator)
                    ? emulator
                    : throw new FormatException("UseDevelopmentEmulator is true or false.");
                break;
        }
    }
}
