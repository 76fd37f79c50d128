using System.CommandLine;
using Azure;
using Portability.Cli.Audit;
using Portability.Cli.Ledger;
using Portability.Cli.Maps;
using Portability.Sources;

namespace Portability.Cli;

/// <summary>The operator's command line: one place that lists the commands and turns every end into an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command line. Faults are printed as one sentence; only an unforeseen one shows its stack.</summary>
    public static async Task<ExitCode> RunAsync(string[] args, Terminal terminal, CancellationToken cancellationToken)
    {
        foreach (var argument in args)
        {
            terminal.Hide(Secrets.In(argument));
        }
        var parsed = Create(terminal).Parse(args);
        var streams = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
        };
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                terminal.Complain(error.Message);
            }
            terminal.Complain($"See {NameOf(parsed.CommandResult)} --help.");
            return ExitCode.NotDone;
        }
        try
        {
            return (ExitCode)await parsed.InvokeAsync(streams, cancellationToken);
        }
        catch (Exception foreseen)
            when (foreseen is NotDoneException or SourceUnreachableException or RequestFailedException)
        {
            terminal.Complain(foreseen.Message);
            return ExitCode.NotDone;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Complain("Stopped.");
            return ExitCode.NotDone;
        }
    }

    /// <summary>All commands.</summary>
    private static RootCommand Create(Terminal terminal)
    {
        var root = new RootCommand(
            """
            The operator's commands of Portability.

            Exit codes of every command: 0 done and nothing found wrong; 1 done, with findings; 2 not done (wrong
            arguments, a missing file or setting, a system that does not answer).
            """
        );
        var map = new Command("map", "Checks and drafts data maps.");
        map.Subcommands.Add(MapCheckCommand.Create(terminal));
        map.Subcommands.Add(MapDraftCommand.Create(terminal));
        root.Subcommands.Add(map);
        var audit = new Command("audit", "Verifies what is stored of a case.");
        audit.Subcommands.Add(AuditVerifyCommand.Create(terminal));
        root.Subcommands.Add(audit);
        var ledger = new Command("ledger", "The ledger of erasures: what was erased, for good.");
        ledger.Subcommands.Add(LedgerVerifyCommand.Create(terminal));
        ledger.Subcommands.Add(LedgerReplayCommand.Create(terminal));
        root.Subcommands.Add(ledger);
        return root;
    }

    private static string NameOf(System.CommandLine.Parsing.CommandResult command)
    {
        var names = new Stack<string>();
        for (System.CommandLine.Parsing.SymbolResult? at = command; at is not null; at = at.Parent)
        {
            if (at is System.CommandLine.Parsing.CommandResult { Command: not RootCommand } named)
            {
                names.Push(named.Command.Name);
            }
        }
        return string.Join(' ', names.Prepend("./portability"));
    }
}
