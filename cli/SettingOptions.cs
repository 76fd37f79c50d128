using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Portability.Cli;

/// <summary>
/// How a command is given settings: the environment as the app reads it (<c>Portability__DataMap</c>), over it a settings file of
/// the form of <c>local.settings.json</c>, over both <c>--connection NAME=VALUE</c>.
/// </summary>
internal sealed class SettingOptions(Terminal terminal)
{
    private readonly Option<FileInfo?> file = new("--settings")
    {
        Description =
            "A file of settings, of the form of local.settings.json. Without it the environment alone is read.",
        HelpName = "FILE",
    };

    private readonly Option<string[]> connections = new("--connection")
    {
        Description =
            "A setting: NAME=VALUE, or NAME=@FILE to read the value from a file, which keeps it out of the list of processes. May be repeated.",
        HelpName = "NAME=VALUE",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        connections.Validators.Add(Check);
        command.Options.Add(connections);
        command.Options.Add(file);
    }

    /// <summary>The settings that were given. Throws <see cref="NotDoneException"/> for a file that cannot be read.</summary>
    public IConfiguration Read(ParseResult arguments)
    {
        var builder = new ConfigurationBuilder().AddEnvironmentVariables();
        if (arguments.GetValue(file) is { } path)
        {
            builder.AddInMemoryCollection(ValuesOf(path));
        }
        builder.AddInMemoryCollection(
            (arguments.GetValue(connections) ?? [])
                .Select(pair => pair.Split('=', 2))
                .Select(pair => KeyValuePair.Create(KeyOf(pair[0]), (string?)ValueOf(pair[1])))
        );
        var settings = builder.Build();
        foreach (var (_, value) in settings.AsEnumerable())
        {
            terminal.Hide(Secrets.In(value));
        }
        return settings;
    }

    /// <summary>The name of the one connection given. Throws <see cref="NotDoneException"/> for none or several.</summary>
    public string OnlyConnection(ParseResult arguments) =>
        arguments.GetValue(connections) is [var only]
            ? only.Split('=', 2)[0].Trim()
            : throw new NotDoneException("Name one database: --connection NAME=VALUE.");

    private static void Check(OptionResult result)
    {
        foreach (var token in result.Tokens.Where(token => token.Value.IndexOf('=', StringComparison.Ordinal) <= 0))
        {
            result.AddError($"--connection wants NAME=VALUE, and got '{token.Value}'.");
        }
    }

    private static string ValueOf(string value)
    {
        if (!value.StartsWith('@'))
        {
            return value;
        }
        return ReadText(value[1..]).Trim();
    }

    private static IEnumerable<KeyValuePair<string, string?>> ValuesOf(FileInfo path)
    {
        try
        {
            using var document = JsonDocument.Parse(
                ReadText(path.FullName),
                new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }
            );
            return
            [
                .. document
                    .RootElement.GetProperty("Values")
                    .EnumerateObject()
                    .Select(value => KeyValuePair.Create(KeyOf(value.Name), (string?)value.Value.ToString())),
            ];
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new NotDoneException(
                $"{path.FullName} is no settings file: an object \"Values\" of names and texts is expected, as in local.settings.sample.json.",
                wrong
            );
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new NotDoneException($"{path} cannot be read: {unreadable.Message}", unreadable);
        }
    }

    /// <summary>Environment variables and settings files write <c>__</c> where the configuration has a colon.</summary>
    private static string KeyOf(string name) => name.Trim().Replace("__", ":", StringComparison.Ordinal);
}
