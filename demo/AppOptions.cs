namespace Portability.Demo;

/// <summary>How to start the application: where it keeps its files, and its settings.</summary>
public sealed record AppOptions
{
    /// <summary>Folder for the engine's store (<c>local.db</c>) and the log (<c>app.log</c>), created when missing.</summary>
    public required string WorkFolder { get; init; }

    /// <summary>
    /// Settings, given as environment variables (<c>__</c> between the parts of a name). <c>ASPNETCORE_URLS</c>,
    /// <c>Local__Store</c> and <c>Portability__PublicUrl</c> are filled in when missing.
    /// </summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>
    /// Path of <c>Portability.Functions.dll</c>; by default the one built in this assembly's configuration under
    /// <c>functions/bin</c> of the repository.
    /// </summary>
    public string? Assembly { get; init; }

    /// <summary>How long the first answer of <c>GET /api/v1/health</c> may take.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(90);

    internal string FindAssembly()
    {
        string relative = Path.Combine(
            "functions",
            "bin",
            Checkout.Configuration,
            "net10.0",
            "Portability.Functions.dll"
        );
        string? path = Assembly ?? Checkout.Find(relative);
        return path is not null && File.Exists(path)
            ? path
            : throw new InvalidOperationException(
                $"The application is not built: {Assembly ?? relative} is missing. Run `dotnet build functions -c {Checkout.Configuration}`."
            );
    }
}
