using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Portability.Demo;

/// <summary>
/// The application as a child process on a free loopback port, for the tour and for tests that crash it: it can be killed the
/// hard way and started again with the same address, settings and store.
/// </summary>
public sealed partial class AppProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    private readonly AppOptions options;
    private readonly string assembly;
    private readonly Dictionary<string, string> environment;
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private Process? process;
    private ProcessLog? log;

    private AppProcess(AppOptions options, Uri address)
    {
        this.options = options;
        assembly = options.FindAssembly();
        Address = address;
        string folder = Directory.CreateDirectory(options.WorkFolder).FullName;
        LogPath = Path.Combine(folder, "app.log");
        environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_URLS"] = address.GetLeftPart(UriPartial.Authority),
            ["Local__Store"] = Path.Combine(folder, "local.db"),
            ["Portability__PublicUrl"] = address.GetLeftPart(UriPartial.Authority),
        };
        foreach ((string name, string value) in options.Settings)
        {
            environment[name] = value;
        }
    }

    /// <summary>Where the application answers, with a trailing slash; the same after each restart.</summary>
    public Uri Address { get; }

    /// <summary>How another process reaches the broker in this one.</summary>
    public string BusConnectionString =>
        $"Endpoint=sb://{Address.Authority}/;SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true";

    /// <summary>The file that takes everything the application prints, over all its lives.</summary>
    public string LogPath { get; }

    /// <summary>Process id of the current life.</summary>
    /// <exception cref="InvalidOperationException">It does not run.</exception>
    public int ProcessId => process?.Id ?? throw new InvalidOperationException("The application does not run.");

    /// <summary>Whether the current life has not ended.</summary>
    public bool IsRunning => process is { HasExited: false };

    /// <summary>Starts the application and waits until <c>GET /api/v1/health</c> answers 200.</summary>
    /// <exception cref="InvalidOperationException">It is not built, or ended or did not become healthy; the message has its last output.</exception>
    public static async Task<AppProcess> StartAsync(AppOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        Uri address = options.Settings.TryGetValue("ASPNETCORE_URLS", out string? given)
            ? new Uri(given)
            : new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort()}/"));
        AppProcess app = new(options, address);
        try
        {
            await app.StartAgainAsync(cancellationToken);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again after <see cref="KillAsync"/> or <see cref="StopAsync"/>, same address, settings and store.</summary>
    /// <exception cref="InvalidOperationException">It still runs, or it ended or did not become healthy.</exception>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        if (IsRunning)
        {
            throw new InvalidOperationException("The application still runs.");
        }

        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetDirectoryName(assembly),
        };
        start.ArgumentList.Add(assembly);
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        log = new ProcessLog(LogPath);
        process = new Process { StartInfo = start };
        process.Start();
        log.Follow(process);
        await WaitForHealthAsync(cancellationToken);
    }

    /// <summary>Ends it at once (<c>SIGKILL</c>), as a crash or a power cut would, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        if (process is not null)
        {
            process.Kill();
            await ReapAsync(process);
        }
    }

    /// <summary>Asks it to end (<c>SIGTERM</c>) and waits; kills it when it does not within 20 seconds, and at once on Windows.</summary>
    public async Task StopAsync()
    {
        if (process is not { HasExited: false } running)
        {
            return;
        }

        if (OperatingSystem.IsWindows() || Signal(running.Id, SigTerm) != 0)
        {
            running.Kill();
        }

        using CancellationTokenSource patience = new(StopTimeout);
        try
        {
            await running.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            running.Kill();
        }

        await ReapAsync(running);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        http.Dispose();
    }

    /// <summary>A loopback port that nobody listens on at this moment.</summary>
    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task WaitForHealthAsync(CancellationToken cancellationToken)
    {
        Uri health = new(Address, "api/v1/health");
        Process running = process!;
        string lastAnswer = "nothing listens";
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.StartTimeout);
        try
        {
            while (!running.HasExited)
            {
                try
                {
                    using HttpResponseMessage answer = await http.GetAsync(health, patience.Token);
                    if (answer.IsSuccessStatusCode)
                    {
                        return;
                    }

                    lastAnswer = await answer.Content.ReadAsStringAsync(patience.Token);
                }
                catch (HttpRequestException notYet)
                {
                    lastAnswer = notYet.Message;
                }
                catch (TaskCanceledException) when (!patience.IsCancellationRequested)
                {
                    lastAnswer = "no answer within 5 s";
                }

                await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await KillAsync();
            throw Failed($"The application was not healthy within {options.StartTimeout}: {lastAnswer}");
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            throw;
        }

        await ReapAsync(running);
        throw Failed("The application ended before it was healthy.");
    }

    private InvalidOperationException Failed(string what) =>
        new($"{what}{Environment.NewLine}Its log is {LogPath} and ends with:{Environment.NewLine}{log?.Tail}");

    private async Task ReapAsync(Process ended)
    {
        // Also waits for the last lines of its output.
        await ended.WaitForExitAsync();
        ended.Dispose();
        process = null;
        log?.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Signal(int processId, int signal);
}
