using System.Diagnostics;
using Portability.Tests.EndToEnd;

namespace Portability.Tests.Docs;

/// <summary>The commands of docs/http.md, run in their order by a shell against the running app.</summary>
public sealed class CurlPageTests
{
    [Fact]
    public async Task Commands_RunInTheirOrder_TakeTheCaseToItsCertificate()
    {
        await using Landscape land = await Landscape.SetUpAsync(rows: 5000);
        string script = "set -euo pipefail\n" + string.Join("\n", Page.Read("docs/http.md").Blocks("bash"));
        string folder = Directory.CreateTempSubdirectory("portability-curl-").FullName;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));

        (int status, string output, string errors) = await RunAsync(
            script,
            folder,
            new()
            {
                ["APP"] = land.App.Address.AbsoluteUri.TrimEnd('/'),
                ["AGENT"] = land.Tokens.Agent,
                ["OFFICER"] = land.Tokens.Officer,
            },
            limit.Token
        );

        Directory.Delete(folder, recursive: true);
        Assert.True(status == 0, $"{status}: {errors}\n{output}");
        string[] lines = output.TrimEnd().Split('\n');
        Assert.Contains("exportWindow", lines);
        Assert.Contains("ready", lines);
        Assert.Contains("lms.sql: OK", lines);
        Assert.Contains("retaining", lines);
        Assert.Contains("Verified OK", lines);
        Assert.Equal("closed", lines[^1]);
    }

    private static async Task<(int Status, string Output, string Errors)> RunAsync(
        string script,
        string folder,
        Dictionary<string, string> variables,
        CancellationToken cancellation
    )
    {
        var start = new ProcessStartInfo("bash")
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "-c", script },
        };
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }
        using Process shell = Process.Start(start)!;
        shell.StandardInput.Close();
        try
        {
            Task<string> output = shell.StandardOutput.ReadToEndAsync(cancellation);
            Task<string> errors = shell.StandardError.ReadToEndAsync(cancellation);
            await shell.WaitForExitAsync(cancellation);
            return (shell.ExitCode, await output, await errors);
        }
        finally
        {
            if (!shell.HasExited)
            {
                shell.Kill(entireProcessTree: true);
            }
        }
    }
}
