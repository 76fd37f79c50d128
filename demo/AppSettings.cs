using System.Security.Cryptography;

namespace Portability.Demo;

/// <summary>The people and systems that the development tokens stand for.</summary>
/// <param name="Agent">Support agent.</param>
/// <param name="SecondAgent">Another support agent, who approves what the first one asks.</param>
/// <param name="Officer">Privacy officer.</param>
/// <param name="Contracts">The contract system.</param>
public sealed record AppTokens(string Agent, string SecondAgent, string Officer, string Contracts)
{
    /// <summary>Fresh random tokens.</summary>
    public static AppTokens Create() => new(Random(), Random(), Random(), Random());

    private static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}

/// <summary>Settings of the application for one run on this machine.</summary>
public static class AppSettings
{
    /// <summary>All settings that the local build needs, with the sample LMS as its only system.</summary>
    /// <param name="storage">Connection string of the app's own storage, also of the LMS's media.</param>
    /// <param name="dataMap">Path of <c>datamap.json</c>.</param>
    /// <param name="lms">Path of the sample LMS's database.</param>
    /// <param name="mailFolder">Folder where mails are left as files.</param>
    /// <param name="tokens">Development tokens, one for each role and one more agent.</param>
    public static Dictionary<string, string> ForSampleLms(
        string storage,
        string dataMap,
        string lms,
        string mailFolder,
        AppTokens tokens
    )
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return new(StringComparer.Ordinal)
        {
            ["AzureWebJobsStorage"] = storage,
            // A name of its own, so that several hosts in one process have a broker each.
            ["ServiceBus"] =
                $"Endpoint=sb://portability-{Guid.NewGuid():N}.example/;SharedAccessKeyName=local;SharedAccessKey=local",
            ["Local__ServiceBus__Topics__termination-events__RequiresDuplicateDetection"] = "true",
            ["Portability__DataMap"] = Path.GetFullPath(dataMap),
            ["SweepSchedule"] = "0 0 3 * * *",
            ["Access__DevelopmentTokens"] =
                $"{tokens.Agent}=agent-1:Support.Agent;{tokens.SecondAgent}=agent-2:Support.Agent;"
                + $"{tokens.Officer}=officer-1:Privacy.Officer;{tokens.Contracts}=contracts:Contract.System",
            ["Access__LinkKey"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            ["Erasure__RunKey"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            ["Certificates__SigningKey"] = SigningKey(),
            ["Mail__PickupFolder"] = Directory.CreateDirectory(mailFolder).FullName,
            ["Mail__From"] = "support@lms.example",
            ["Lms"] = $"Data Source={Path.GetFullPath(lms)}",
            ["LmsMedia"] = storage,
        };
    }

    /// <summary>A fresh private key for certificates, in PEM form.</summary>
    public static string SigningKey()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }
}
