using System.CommandLine;

namespace Portability.Cli.Ledger;

/// <summary><c>ledger replay</c>: erases again what a restored backup has brought back.</summary>
internal static class LedgerReplayCommand
{
    public static Command Create(Terminal terminal)
    {
        var erase = new Option<bool>("--erase")
        {
            Description = "Erases what is found. Without it nothing is changed.",
        };
        var yes = new Option<bool>("--yes") { Description = "With --erase: does not ask first." };
        var cases = new Option<string[]>("--case")
        {
            Description = "Only the customer of this case. May be repeated; without it all customers of the ledger.",
            HelpName = "CASE",
        };
        var reused = new Option<string[]>("--reused")
        {
            Description =
                "Takes this customer although rows are there that the ledger does not know. May be repeated. Make sure "
                + "first that nobody else has got the id.",
            HelpName = "CUSTOMER",
        };
        var folder = new Option<DirectoryInfo?>("--out")
        {
            Description = "With --erase: keeps each new certificate, its signature, PDF and public key in this folder.",
            HelpName = "DIR",
        };
        var settings = new SettingOptions(terminal);
        var command = new Command(
            "replay",
            """
            Run it after restoring a database or a container from a backup. For every customer of the ledger of erasures it looks
            whether rows or blobs are there that were erased, and says so, dataset by dataset. With --erase they are erased again
            by the same steps: sealed keys, batches behind holds, recount, residue scan; a new signed certificate supersedes the
            last one of the case. What the law still keeps stays, what its time has run out for goes. All systems of the data map
            are looked at.

            A customer is left alone while another contract of it lives, while a hold covers its case, and where rows are there
            that the ledger does not know (--reused). An interrupted replay is gone on with by the next one. The app may run
            meanwhile.

            Examples:
              ./portability ledger replay --settings local.settings.json
              ./portability ledger replay --settings local.settings.json --erase
              ./portability ledger replay --settings local.settings.json --erase --yes --out records

            Exit codes: 0 nothing came back, or all of it was erased and proven; 1 something is there and was left, each customer is
            printed; 2 not done: a wrong setting, a changed ledger, a system that does not answer or does not fit the data map.
            """
        );
        command.Options.Add(erase);
        command.Options.Add(yes);
        command.Options.Add(cases);
        command.Options.Add(reused);
        command.Options.Add(folder);
        settings.AddTo(command);
        command.SetAction(
            async (arguments, cancellationToken) =>
            {
                var clock = new CaseClock();
                await using var parts = AppParts.Compose(settings.Read(arguments), clock);
                var replay = new ReplayCommandRun(terminal, parts, clock)
                {
                    Cases = arguments.GetValue(cases) ?? [],
                    Reused = arguments.GetValue(reused) ?? [],
                    Out = arguments.GetValue(folder),
                };
                var may =
                    arguments.GetValue(yes) ? (Func<string, bool>)(_ => true)
                    : Console.IsInputRedirected ? null
                    : question => Ask(terminal, question);
                return (int)await replay.RunAsync(arguments.GetValue(erase), may, cancellationToken);
            }
        );
        return command;
    }

    private static bool Ask(Terminal terminal, string question)
    {
        terminal.Say($"{question} Type yes to go on:");
        terminal.Out.Flush();
        return string.Equals(Console.ReadLine()?.Trim(), "yes", StringComparison.OrdinalIgnoreCase);
    }
}
