using Portability.Cli;

namespace Portability.Tests.Cli;

/// <summary>Runs a command line as the shell script does, in this process.</summary>
internal static class Commands
{
    public static async Task<(int Status, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        ExitCode code;
        using (var terminal = new Terminal(output, errors))
        {
            code = await CommandLine.RunAsync(arguments, terminal, CancellationToken.None);
        }
        return ((int)code, output.ToString(), errors.ToString());
    }
}
