using System.Text.Encodings.Web;
using System.Text.Json;
using Portability.DataMap;
using Portability.Sources;

namespace Portability.Cli.Maps.Draft;

/// <summary>Judges each table: sure, or what a person has to decide and between what.</summary>
internal sealed class TableDrafts(Catalogue catalogue, TableInfo tenant)
{
    private const string Open = "…";

    private static readonly JsonSerializerOptions AsWritten = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly TenantWays ways = new(catalogue, tenant);

    /// <summary>Tables of the product's data, in the order of the catalogue.</summary>
    public IReadOnlyList<DraftEntry> Datasets() =>
        catalogue.Tables.Where(table => !table.IsView && !IsMachinery(table)).Select(Judge).ToList();

    /// <summary>Tables that a migration tool keeps for itself.</summary>
    public IReadOnlyList<string> Machinery() =>
        catalogue.Tables.Where(table => !table.IsView && IsMachinery(table)).Select(table => table.Name).ToList();

    /// <summary>A text as JSON.</summary>
    public static string Quoted(string text) => JsonSerializer.Serialize(text, AsWritten);

    private bool IsMachinery(TableInfo table) => TableNames.IsMachinery(table.Name) && ways.Of(table).Count == 0;

    private DraftEntry Judge(TableInfo table)
    {
        var secrets = table
            .Columns.Where(column => SecretNames.LooksSecret(column.Name) && !IsLink(table, column.Name))
            .Select(column => column.Name)
            .ToList();
        if (table == tenant)
        {
            return new(
                table.Name,
                ["the customer's own row goes, or stays as the closed account's tombstone"],
                [Entry(table, "\"erase\": { \"tombstone\": [] }"), Entry(table, "\"erase\": \"delete\"")],
                secrets
            );
        }
        var doubts = new List<string>();
        if (TableNames.CategoryOf(table.Name) is null)
        {
            doubts.Add("its name does not tell the category");
        }
        if (table.PrimaryKey.Count == 0)
        {
            doubts.Add("it has no primary key: name columns with a unique index, \"key\": \"…\"");
        }
        var rules = Rules(table, doubts);
        var scopes = Scopes(table, doubts);
        return new(
            table.Name,
            doubts,
            [.. scopes.SelectMany(scope => scope.Rules ?? rules, (scope, rule) => Entry(table, scope.Text + rule))],
            secrets
        );
    }

    private static bool IsLink(TableInfo table, string column) =>
        table.ForeignKeys.Any(link => link.Columns.Contains(column, StringComparer.OrdinalIgnoreCase));

    private static List<string> Rules(TableInfo table, List<string> doubts)
    {
        if (!TableNames.MayHaveToBeKept(table.Name))
        {
            return ["\"erase\": \"delete\""];
        }
        doubts.Add("the law may want its rows kept: declare the class in \"retention\"");
        var anchors = table
            .Columns.Where(LooksLikeDate)
            .Select(column => Quoted(column.Name))
            .DefaultIfEmpty($"\"{Open}\"");
        return
        [
            .. anchors.Select(anchor => $"\"erase\": {{ \"retain\": \"{Open}\", \"anchor\": {anchor} }}"),
            "\"erase\": \"delete\"",
        ];
    }

    private static bool LooksLikeDate(ColumnInfo column) =>
        column.Kind is ColumnKind.Date or ColumnKind.DateTime
        || TableNames.Words(column.Name) is { Count: > 1 } words && words[^1] is "at" or "on" or "date";

    private sealed record Scope(string Text, IReadOnlyList<string>? Rules);

    private List<Scope> Scopes(TableInfo table, List<string> doubts)
    {
        var found = ways.Of(table);
        if (ways.Sure(table) is not null)
        {
            return [new("", null)];
        }
        if (found.Count == 1)
        {
            doubts.Add($"rows whose {found[0]} is null would belong to no customer and stay");
            return [new("", null)];
        }
        if (found.Count > 1)
        {
            doubts.Add(
                $"{found.Count} ways lead to {tenant.Name}; one makes a row the customer's, or any of them (a list in \"via\")"
            );
            return found
                .Select(link => new Scope($"\"via\": {Quoted(string.Join(", ", link.Columns))}, ", null))
                .ToList();
        }
        doubts.Add(
            $"no foreign key leads to {tenant.Name}: it refers to a customer without one, or belongs to none (then \"none\" here, or \"excluded\")"
        );
        return
        [
            .. ways.Suggested(table)
                .Select(link => new Scope(
                    $"\"references\": [{{ \"columns\": {Quoted(link.Columns[0])}, \"table\": {Quoted(link.ReferencedTable)}, \"to\": {Quoted(link.ReferencedColumns[0])} }}], ",
                    null
                )),
            new("", [$"\"erase\": {{ \"none\": \"{Open}\" }}"]),
        ];
    }

    private static string Entry(TableInfo table, string rest) =>
        $"{{ \"table\": {Quoted(table.Name)}, \"category\": \"{TableNames.CategoryOf(table.Name) ?? Open}\", {rest} }}";
}
