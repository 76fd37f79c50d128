using System.Diagnostics;
using System.Text.Json;

namespace Portability.Tests.Notifications;

/// <summary>The SMTP server of tests/smtp on a free port.</summary>
internal sealed class SmtpServerProcess : IAsyncDisposable
{
    private readonly Process process;

    private SmtpServerProcess(Process process, int port)
    {
        this.process = process;
        Port = port;
    }

    public int Port { get; }

    public static async Task<SmtpServerProcess> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("node")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList = { Path.Combine(Root(), "tests", "smtp", "server.mjs") },
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        Process started = Process.Start(start)!;
        string line =
            await started.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("The SMTP server did not start; is 'npm ci' done?");
        using JsonDocument ready = JsonDocument.Parse(line);
        return new SmtpServerProcess(started, ready.RootElement.GetProperty("port").GetInt32());
    }

    /// <summary>The next mail that the server took.</summary>
    public async Task<ReceivedMail> ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        string line = await process.StandardOutput.ReadLineAsync(limit.Token) ?? throw new EndOfStreamException();
        return JsonSerializer.Deserialize<ReceivedMail>(line, JsonSerializerOptions.Web)!;
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Portability.sln")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside the repository.");
    }
}

internal sealed record ReceivedMail(string From, IReadOnlyList<string> To, string Message);
