using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Portability.Demo;

/// <summary>
/// Azurite, Microsoft's storage emulator, as a child process on free loopback ports, with an account and key made for this run.
/// </summary>
/// <remarks>
/// The ports are chosen by the operating system and read from what Azurite prints, so any number of them run side by side.
/// Azurite writes its metadata to disk every few seconds: what must survive is the application's crash, not Azurite's.
/// </remarks>
public sealed partial class AzuriteProcess : IAsyncDisposable
{
    private static readonly string[] Services = ["Blob", "Queue", "Table"];
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly ProcessLog log;

    private AzuriteProcess(Process process, ProcessLog log, string connectionString)
    {
        this.process = process;
        this.log = log;
        ConnectionString = connectionString;
    }

    /// <summary>Connection string with the endpoints of all three services and the key of this run.</summary>
    public string ConnectionString { get; }

    /// <summary>Process id of the emulator.</summary>
    public int ProcessId => process.Id;

    /// <summary>Starts the emulator and waits until its services listen.</summary>
    /// <param name="location">Folder for its files, created when missing; <see langword="null"/> keeps everything in memory.</param>
    /// <param name="cancellationToken">Ends the wait; the child is then killed.</param>
    /// <exception cref="InvalidOperationException">Azurite is not installed, or it ended or stayed silent; the message has its output.</exception>
    public static async Task<AzuriteProcess> StartAsync(
        string? location = null,
        CancellationToken cancellationToken = default
    )
    {
        // The script, not node_modules/.bin: that link is a .cmd file on Windows, whose process id would be the shell's.
        string script =
            Checkout.Find(Path.Combine("node_modules", "azurite", "dist", "src", "azurite.js"))
            ?? throw new InvalidOperationException(
                "Azurite is not installed: node_modules/azurite is nowhere above the working directory. Run `npm ci` at the root of the repository."
            );
        string account = "run" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));

        Dictionary<string, string> endpoints = new(StringComparer.Ordinal);
        TaskCompletionSource listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ProcessLog output = new(path: null)
        {
            LineRead = line =>
            {
                if (Listening().Match(line) is { Success: true } match)
                {
                    lock (endpoints)
                    {
                        endpoints[match.Groups["service"].Value] = match.Groups["address"].Value;
                        if (endpoints.Count == Services.Length)
                        {
                            listening.TrySetResult();
                        }
                    }
                }
            },
        };

        Process child = new() { StartInfo = Command(script, location, account, key), EnableRaisingEvents = true };
        child.Exited += (_, _) =>
            listening.TrySetException(
                new InvalidOperationException($"Azurite ended before it listened.{Environment.NewLine}{output.Tail}")
            );
        child.Start();
        output.Follow(child);
        try
        {
            await listening.Task.WaitAsync(StartTimeout, cancellationToken);
        }
        catch (Exception failure)
        {
            child.Kill(entireProcessTree: true);
            child.Dispose();
            output.Dispose();
            if (failure is TimeoutException)
            {
                throw new InvalidOperationException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Azurite did not listen within {StartTimeout.TotalSeconds} s.{Environment.NewLine}{output.Tail}"
                    ),
                    failure
                );
            }

            throw;
        }

        string connectionString =
            $"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={key};"
            + string.Concat(Services.Select(service => $"{service}Endpoint={endpoints[service]}/{account};"));
        return new AzuriteProcess(child, output, connectionString);
    }

    /// <summary>Kills the emulator by its process id and waits until it is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        await process.WaitForExitAsync();
        process.Dispose();
        log.Dispose();
    }

    private static ProcessStartInfo Command(string script, string? location, string account, string key)
    {
        ProcessStartInfo start = new("node")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(script);
        foreach (string service in Services)
        {
            string option = service.ToLowerInvariant();
            start.ArgumentList.Add($"--{option}Host");
            start.ArgumentList.Add("127.0.0.1");
            start.ArgumentList.Add($"--{option}Port");
            start.ArgumentList.Add("0");
        }

        if (location is null)
        {
            start.ArgumentList.Add("--inMemoryPersistence");
        }
        else
        {
            start.ArgumentList.Add("--location");
            start.ArgumentList.Add(Directory.CreateDirectory(location).FullName);
        }

        start.ArgumentList.Add("--silent");
        start.ArgumentList.Add("--disableTelemetry");
        // Newer clients name API versions that the emulator does not list yet but serves.
        start.ArgumentList.Add("--skipApiVersionCheck");
        start.Environment["AZURITE_ACCOUNTS"] = $"{account}:{key}";
        return start;
    }

    [GeneratedRegex(
        @"^Azurite (?<service>Blob|Queue|Table) service is successfully listening at (?<address>http://\S+:\d+)",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Listening();
}
