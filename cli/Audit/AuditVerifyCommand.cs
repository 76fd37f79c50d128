using System.CommandLine;
using Portability.Storage;

namespace Portability.Cli.Audit;

/// <summary><c>audit verify</c>: whether what is stored of a case is whole and unchanged.</summary>
internal static class AuditVerifyCommand
{
    public static Command Create(Terminal terminal)
    {
        var id = new Argument<string>("CASE") { Description = "The case id." };
        var settings = new SettingOptions(terminal);
        var command = new Command(
            "verify",
            """
            Reads every stored event of a case and checks the chain of hashes, the order of sequence numbers and times,
            that each event names an actor who may be its actor, and that personal data beside the chain is the data it
            was, or gone. Reads only. Prints the hash that stands for the whole case: keep it elsewhere to prove later
            that nothing was rewritten.

            Examples:
              ./portability audit verify case-7f3a --settings local.settings.json
              ./portability audit verify case-7f3a --connection AzureWebJobsStorage=@/run/secrets/storage

            Exit codes: 0 intact; 1 findings, each is printed; 2 not verified: no such case, or the storage does not answer.
            """
        );
        command.Arguments.Add(id);
        settings.AddTo(command);
        command.SetAction(
            async (arguments, cancellationToken) =>
                (int)
                    await VerifyAsync(
                        terminal,
                        AppStorage.Open(settings.Read(arguments)),
                        arguments.GetRequiredValue(id),
                        cancellationToken
                    )
        );
        return command;
    }

    private static async Task<ExitCode> VerifyAsync(
        Terminal terminal,
        AppStorage storage,
        string caseId,
        CancellationToken cancellationToken
    )
    {
        var audit =
            await storage.Terminations.VerifyAsync(caseId, cancellationToken)
            ?? throw new NotDoneException($"There is no case '{caseId}' in this storage.");
        terminal.Say($"Case {audit.CaseId}: {audit.Version} events, last hash {audit.LastHash}");
        terminal.Say(
            "Verified: the chain of hashes from the first event to the last, sequence and times, the ids of events, actors and four eyes."
        );
        terminal.Say(
            $"Actors: {string.Join(", ", audit.Actors.OrderBy(actor => actor.Key, StringComparer.Ordinal).Select(actor => $"{actor.Key} ({actor.Value})"))}"
        );
        terminal.Say(
            $"Personal data beside the chain: {audit.PersonalPresent} present and as recorded, {audit.PersonalRedacted} redacted"
        );
        foreach (var problem in audit.Problems)
        {
            terminal.Complain(problem);
        }
        if (!audit.IsIntact)
        {
            terminal.Complain(
                $"Case {audit.CaseId}: {audit.Problems.Count} finding(s). Restore the rows from a backup."
            );
            return ExitCode.Found;
        }
        terminal.Say("Intact.");
        return ExitCode.Fine;
    }
}
