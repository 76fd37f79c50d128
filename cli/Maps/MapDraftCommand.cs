using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Portability.Cli.Maps.Draft;
using Portability.DataMap;
using Portability.Sources;

namespace Portability.Cli.Maps;

/// <summary><c>map draft</c>: a first data map of a live database, for a person to finish.</summary>
internal static class MapDraftCommand
{
    public static Command Create(Terminal terminal)
    {
        var provider = new Option<string>("--provider")
        {
            Description = "The engine: sqlite or postgres.",
            HelpName = "P",
            Required = true,
        };
        provider.AcceptOnlyFromAmong("sqlite", "postgres");
        var tenantTable = new Option<string>("--tenant-table")
        {
            Description = "The table with one row a customer.",
            HelpName = "T",
            Required = true,
        };
        var tenantColumn = new Option<string?>("--tenant-column")
        {
            Description = "The column with the customer's id; its primary key when left out.",
            HelpName = "COLUMN",
        };
        var output = new Option<FileInfo?>("--out")
        {
            Description =
                "The file to write, with datamap.schema.json beside it for editors. Never written over. Left out: the draft is printed.",
            HelpName = "FILE",
        };
        var settings = new SettingOptions(terminal);
        var command = new Command(
            "draft",
            """
            Reads the catalogue of a live database and writes a first data map. What is not sure stays unclassified, with the
            alternatives in comments: the category where the name does not tell it, the way to the customer where there are
            several or none, what the law may want kept. Columns that look like secrets are named. Reads the catalogue only,
            no rows. The one --connection names the database; its NAME becomes the setting that the map refers to.

            Examples:
              ./portability map draft --provider sqlite --connection Lms="Data Source=lms.db" --tenant-table orgs --out datamap.json
              ./portability map draft --provider postgres --connection Lms=@/run/secrets/lms --tenant-table companies

            Exit codes: 0 drafted; 2 not drafted: the database does not answer, has no such table, or the file exists.
            """
        );
        command.Options.Add(provider);
        command.Options.Add(tenantTable);
        command.Options.Add(tenantColumn);
        command.Options.Add(output);
        settings.AddTo(command);
        command.SetAction(
            async (arguments, cancellationToken) =>
            {
                var read = settings.Read(arguments);
                var name = settings.OnlyConnection(arguments);
                var database = Database(arguments.GetRequiredValue(provider), name, read);
                var catalogue = await database.ReadCatalogueAsync(cancellationToken);
                var tenant = TenantTable(catalogue, arguments.GetRequiredValue(tenantTable));
                var column = TenantColumn(tenant, arguments.GetValue(tenantColumn));
                var drafts = new TableDrafts(catalogue, tenant);
                var entries = drafts.Datasets();
                var text = new DraftText(arguments.GetRequiredValue(provider), name, tenant, column).Write(
                    catalogue,
                    entries,
                    drafts.Machinery()
                );
                await DeliverAsync(terminal, arguments.GetValue(output), text, cancellationToken);
                Summarise(terminal, entries);
                return (int)ExitCode.Fine;
            }
        );
        return command;
    }

    private static ISqlSource Database(string provider, string name, IConfiguration settings)
    {
        var place = new MapPlace("draft", 1, "$");
        var system = new SqlSystem("database", provider, name, new TenantScope.Rows("", ""), place);
        var map = new TenantDataMap
        {
            File = place.File,
            Sha256 = "",
            Systems = [system],
            Categories = new Dictionary<string, string>(),
            Retention = new Dictionary<string, RetentionClass>(),
            Tables = [],
            Blobs = [],
            Documents = [],
            Templates = [],
            Excluded = [],
            Backups = [],
            Access = [],
        };
        return new MappedSystems(map, settings).Sql(system.Name);
    }

    private static TableInfo TenantTable(Catalogue catalogue, string name) =>
        catalogue.Find(name) is { IsView: false } table
            ? table
            : throw new NotDoneException(
                $"The database has no table '{name}'. It has: {string.Join(", ", catalogue.Tables.Where(t => !t.IsView).Select(t => t.Name))}."
            );

    private static string TenantColumn(TableInfo tenant, string? name)
    {
        if (name is null)
        {
            return tenant.PrimaryKey.Count == 1
                ? tenant.PrimaryKey[0]
                : throw new NotDoneException(
                    $"The primary key of '{tenant.Name}' has {tenant.PrimaryKey.Count} columns: name the one with the customer's id, --tenant-column COLUMN."
                );
        }
        return tenant.Find(name)?.Name ?? throw new NotDoneException($"'{tenant.Name}' has no column '{name}'.");
    }

    private static async Task DeliverAsync(
        Terminal terminal,
        FileInfo? file,
        string text,
        CancellationToken cancellationToken
    )
    {
        if (file is null)
        {
            await terminal.Out.WriteAsync(text.AsMemory(), cancellationToken);
            return;
        }
        if (file.Exists)
        {
            throw new NotDoneException($"{file.FullName} exists already, and a map is never written over.");
        }
        try
        {
            await File.WriteAllTextAsync(file.FullName, text, cancellationToken);
            var schema = Path.Combine(file.DirectoryName!, "datamap.schema.json");
            if (!File.Exists(schema))
            {
                File.Copy(Path.Combine(AppContext.BaseDirectory, "DataMap", "datamap.schema.json"), schema);
            }
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            throw new NotDoneException($"{file.FullName} cannot be written: {unwritable.Message}", unwritable);
        }
    }

    private static void Summarise(Terminal terminal, IReadOnlyList<DraftEntry> entries)
    {
        var open = entries.Where(entry => !entry.IsSure).Select(entry => entry.Table).ToList();
        var secret = entries.Where(entry => entry.Secrets.Count > 0).Select(entry => entry.Table).ToList();
        terminal.Complain($"{entries.Count - open.Count} of {entries.Count} tables are classified.");
        if (open.Count > 0)
        {
            terminal.Complain($"To decide: {string.Join(", ", open)}.");
        }
        if (secret.Count > 0)
        {
            terminal.Complain($"With columns that look like secrets: {string.Join(", ", secret)}.");
        }
    }
}
