using System.CommandLine;

namespace Portability.Cli.Maps;

/// <summary><c>map check</c>: what a data map means for the databases as they are now, or why it cannot be used.</summary>
internal static class MapCheckCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The data map." };
        var tenant = new Option<string?>("--tenant")
        {
            Description = "A customer id: counts the rows and blobs that are this customer's.",
            HelpName = "ID",
        };
        var offline = new Option<bool>("--offline")
        {
            Description = "Checks the file alone, without looking at any database or container.",
        };
        var settings = new SettingOptions(terminal);
        var command = new Command(
            "check",
            """
            Checks a data map, first by itself, then against the live databases and containers, and prints the plan that
            exports and erasures would follow: datasets in erasure order, the way from each row to its customer, counts, notes.
            Reads only. Every finding names file, line, table and mend.

            Examples:
              ./portability map check datamap.json --offline
              ./portability map check datamap.json --settings local.settings.json
              ./portability map check datamap.json --tenant c-104 --connection Lms="Data Source=lms.db"

            Exit codes: 0 the map fits; 1 findings, each is printed; 2 not checked whole: a file or setting is missing,
            or a system does not answer.
            """
        );
        command.Arguments.Add(file);
        command.Options.Add(tenant);
        command.Options.Add(offline);
        settings.AddTo(command);
        command.SetAction(
            async (arguments, cancellationToken) =>
                (int)
                    await new MapCheck(terminal, settings.Read(arguments)).RunAsync(
                        arguments.GetRequiredValue(file),
                        arguments.GetValue(tenant),
                        arguments.GetValue(offline),
                        cancellationToken
                    )
        );
        return command;
    }
}
