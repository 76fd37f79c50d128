using System.Text;
using Portability.Sources;

namespace Portability.Cli.Maps.Draft;

/// <summary>Writes a draft as a data map with comments. Every table without a line of its own is unclassified, so a check names it.</summary>
internal sealed class DraftText(string provider, string setting, TableInfo tenant, string column)
{
    private readonly StringBuilder text = new();

    public string Write(Catalogue catalogue, IReadOnlyList<DraftEntry> entries, IReadOnlyList<string> machinery)
    {
        var system = SystemName(setting);
        Line("{");
        Line(
            "  // A first draft, for a person to finish. What is in comments is not decided: take one line of each, or write another."
        );
        Line("  // Then: ./portability map check FILE. It names every table that is still open.");
        Line("  \"$schema\": \"./datamap.schema.json\",");
        Line("  \"systems\": [");
        Line(
            $"    {{ \"name\": {TableDrafts.Quoted(system)}, \"kind\": \"sql\", \"provider\": {TableDrafts.Quoted(provider)}, \"connection\": {TableDrafts.Quoted(setting)},"
        );
        Line(
            $"      \"tenant\": {{ \"table\": {TableDrafts.Quoted(tenant.Name)}, \"column\": {TableDrafts.Quoted(column)} }} }}"
        );
        Line("  ],");
        Line("  \"categories\": {");
        foreach (var (name, title) in TableNames.Titles)
        {
            Line($"    \"{name}\": {TableDrafts.Quoted(title)},");
        }
        Line("  },");
        Line("  // What the law requires to be kept, for example:");
        Line("  // \"bookkeeping\": { \"period\": \"P7Y\", \"from\": \"fiscalYearEnd\", \"legalBasis\": \"…\" }");
        Line("  \"retention\": {},");
        Line("  \"datasets\": [");
        foreach (var entry in entries)
        {
            Entry(entry);
        }
        Line("  ],");
        Line(
            "  // Tables without customers' data. A table whose foreign keys lead to the customer cannot be excluded."
        );
        Line("  \"excluded\": [");
        foreach (var table in machinery)
        {
            Line(
                $"    {{ \"table\": {TableDrafts.Quoted(table)}, \"reason\": \"Which schema changes ran: no customer's data\" }},"
            );
        }
        Line("  ],");
        foreach (var view in catalogue.Tables.Where(table => table.IsView))
        {
            Line($"  // The view {view.Name} holds no rows of its own and needs no entry.");
        }
        Line("  // Backup classes, for example { \"class\": \"nightly\", \"keepsDays\": 35 }");
        Line("  \"backups\": [],");
        Line(
            "  // How a customer is locked out, let in again and closed. Each statement may run twice and names @tenant, for example:"
        );
        Line(
            "  // { \"freeze\": [\"UPDATE … SET state = 'frozen' WHERE … = @tenant AND state = 'active'\"], \"restore\": [\"…\"], \"close\": [\"…\"] }"
        );
        Line("  \"access\": []");
        Line("}");
        return text.ToString();
    }

    /// <summary>A setting's name as the name of a system.</summary>
    public static string SystemName(string setting)
    {
        var name = string.Join('-', TableNames.Words(setting))
            .TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '-');
        name = string.Concat(name.Where(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
        return name.Length == 0 ? "database" : name;
    }

    private void Entry(DraftEntry entry)
    {
        if (entry.Secrets.Count > 0)
        {
            Line(
                $"    // SECRET? {entry.Table}: {string.Join(", ", entry.Secrets)}. Leave each out, \"exclude\": {{ \"{entry.Secrets[0]}\": \"reason\" }}, or say that it is none: \"notSecret\": [\"{entry.Secrets[0]}\"]."
            );
        }
        if (entry.IsSure)
        {
            Line($"    {entry.Alternatives[0]},");
            return;
        }
        Line($"    // TO DECIDE {entry.Table}: {string.Join("; ", entry.Doubts)}");
        foreach (var alternative in entry.Alternatives)
        {
            Line($"    // {alternative},");
        }
    }

    private void Line(string line) => text.Append(line).Append('\n');
}
