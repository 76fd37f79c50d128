namespace Azure.Data.Tables.Http;

/// <summary>A storage connection string: where its tables are and how one gets in.</summary>
sealed record TableConnectionString(Uri Endpoint, TableSharedKeyCredential Key, AzureSasCredential Sas)
{
    const string EmulatorAccount = "devstoreaccount1";

    // The emulator's account is public knowledge, the same on every machine.
    const string EmulatorKey =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    public static TableConnectionString Parse(string connectionString)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        var settings = Settings(connectionString);
        if (settings.GetValueOrDefault("UseDevelopmentStorage") is "true")
        {
            return new(
                new Uri($"http://127.0.0.1:10002/{EmulatorAccount}"),
                new TableSharedKeyCredential(EmulatorAccount, EmulatorKey),
                null
            );
        }
        var account = settings.GetValueOrDefault("AccountName");
        var key = settings.GetValueOrDefault("AccountKey");
        var sas = settings.GetValueOrDefault("SharedAccessSignature");
        var endpoint =
            settings.GetValueOrDefault("TableEndpoint")
            ?? (
                account is null
                    ? throw Incomplete("AccountName or TableEndpoint")
                    : $"{settings.GetValueOrDefault("DefaultEndpointsProtocol", "https")}://{account}.table."
                        + settings.GetValueOrDefault("EndpointSuffix", "core.windows.net")
            );
        if (key is null && sas is null)
        {
            throw Incomplete("AccountKey or SharedAccessSignature");
        }
        return new(
            new Uri(endpoint),
            key is null ? null : new TableSharedKeyCredential(account ?? throw Incomplete("AccountName"), key),
            key is null ? new AzureSasCredential(sas) : null
        );
    }

    static Dictionary<string, string> Settings(string connectionString)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (
            var part in connectionString.Split(
                ';',
                StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
            )
        )
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new FormatException(
                    "A connection string has settings of the form name=value, separated by semicolons."
                );
            }
            settings[part[..equals]] = part[(equals + 1)..];
        }
        return settings;
    }

    static FormatException Incomplete(string missing) => new($"The connection string lacks {missing}.");
}
