using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Portability.Http.Tokens;

/// <summary>
/// Fixed tokens for work on one's own machine, from <c>Access:DevelopmentTokens</c>:
/// <c>token=identity:Role[,Role];token2=...</c> with the roles <c>Support.Agent</c>, <c>Privacy.Officer</c> and
/// <c>Contract.System</c>. Anywhere else the setting stops the app at its start.
/// </summary>
public sealed class DevelopmentTokens : ITokenReader
{
    private const string Setting = "Access__DevelopmentTokens";

    // Keyed by hash: how long a look-up takes tells nothing of the tokens.
    private readonly Dictionary<string, Identity> byHash;

    private DevelopmentTokens(Dictionary<string, Identity> byHash)
    {
        this.byHash = byHash;
    }

    /// <returns>Null when none are set.</returns>
    /// <exception cref="InvalidOperationException">Set outside development or in Azure, or malformed.</exception>
    public static DevelopmentTokens? Read(IConfiguration configuration, IHostEnvironment environment)
    {
        if (configuration["Access:DevelopmentTokens"] is not { Length: > 0 } setting)
        {
            return null;
        }
        bool inAzure = Sites.Any(name => configuration[name] is { Length: > 0 });
        if (inAzure || !environment.IsDevelopment())
        {
            throw new InvalidOperationException(
                $"{Setting} is set, but this is not a developer's machine "
                    + $"(environment '{environment.EnvironmentName}'{(inAzure ? ", on an Azure site" : "")}). "
                    + "Remove the setting; use Entra ID (Access__Authority, Access__Audience)."
            );
        }
        var identities = new Dictionary<string, Identity>(StringComparer.Ordinal);
        foreach (
            string entry in setting.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        )
        {
            (string token, Identity identity) = ParseEntry(entry);
            identities.Add(Hash(token), identity);
        }
        return new DevelopmentTokens(identities);
    }

    /// <inheritdoc/>
    public ValueTask<Identity?> ReadAsync(string token, CancellationToken cancellationToken) =>
        ValueTask.FromResult(byHash.GetValueOrDefault(Hash(token)));

    // Set by App Service on every site and instance.
    private static IEnumerable<string> Sites => ["WEBSITE_INSTANCE_ID", "WEBSITE_SITE_NAME"];

    private static (string Token, Identity Identity) ParseEntry(string entry)
    {
        int colon = entry.LastIndexOf(':');
        int equals = entry.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1 || colon < equals + 2)
        {
            throw Malformed();
        }
        string id = entry[(equals + 1)..colon];
        Roles roles = Roles.None;
        foreach (string name in entry[(colon + 1)..].Split(',', StringSplitOptions.TrimEntries))
        {
            Roles role = RoleNames.Parse(name);
            roles |= role == Roles.None ? throw Malformed() : role;
        }
        // These names stand for the workflow and for customers in the events.
        bool reserved = id == "system" || id.StartsWith("customer:", StringComparison.Ordinal);
        return reserved ? throw Malformed() : (entry[..equals], new Identity(id, roles));
    }

    // The setting holds tokens: the message must not repeat it.
    private static InvalidOperationException Malformed() =>
        new(
            $"{Setting} must read token=identity:Role[,Role];... with the roles Support.Agent, Privacy.Officer and "
                + "Contract.System, and identities other than 'system' and 'customer:...'."
        );

    private static string Hash(string token) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
