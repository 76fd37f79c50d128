using System.CommandLine;
using Portability.Erasure;

namespace Portability.Cli.Ledger;

/// <summary><c>ledger verify</c>: whether the ledger of erasures is whole and unchanged.</summary>
internal static class LedgerVerifyCommand
{
    public static Command Create(Terminal terminal)
    {
        var expect = new Option<string?>("--expect")
        {
            Description = "A last hash that this command printed earlier: the ledger must still contain it.",
            HelpName = "HASH",
        };
        var settings = new SettingOptions(terminal);
        var command = new Command(
            "verify",
            """
            Reads every entry of the ledger of erasures and checks the chain of hashes, that each run finds its entry, and that
            each signed certificate names the entry that is there: a changed, removed or newly written entry shows. Reads only.
            Prints the hash that stands for the whole ledger: keep it elsewhere, and give it to a later --expect.

            Examples:
              ./portability ledger verify --settings local.settings.json
              ./portability ledger verify --connection AzureWebJobsStorage=@/run/secrets/storage

            Exit codes: 0 intact; 1 findings, each is printed; 2 not verified: a setting is missing, or the storage does not
            answer.
            """
        );
        command.Options.Add(expect);
        settings.AddTo(command);
        command.SetAction(
            async (arguments, cancellationToken) =>
                (int)
                    await VerifyAsync(
                        terminal,
                        AppStorage.Open(settings.Read(arguments)),
                        arguments.GetValue(expect),
                        cancellationToken
                    )
        );
        return command;
    }

    private static async Task<ExitCode> VerifyAsync(
        Terminal terminal,
        AppStorage storage,
        string? expected,
        CancellationToken cancellationToken
    )
    {
        var audit = await new LedgerReader(storage.Tables, storage.Blobs).VerifyAsync(cancellationToken);
        terminal.Say($"Ledger: {audit.Entries} entries, last hash {audit.LastHash}");
        terminal.Say($"Certificates that name an entry: {audit.Certificates}");
        List<string> problems = [.. audit.Problems];
        if (expected is not null && audit.LastHash != expected && !audit.Hashes.Contains(expected))
        {
            problems.Add($"no entry has the expected hash {expected}");
        }
        foreach (var problem in problems)
        {
            terminal.Complain(char.ToUpperInvariant(problem[0]) + problem[1..] + ".");
        }
        if (problems.Count > 0)
        {
            terminal.Complain($"The ledger: {problems.Count} finding(s). Restore its table from a backup.");
            return ExitCode.Found;
        }
        terminal.Say("Intact.");
        return ExitCode.Fine;
    }
}
