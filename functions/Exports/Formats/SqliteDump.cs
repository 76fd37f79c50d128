using System.Text;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats;

/// <summary>A dump for the <c>sqlite3</c> program, of any age.</summary>
internal sealed class SqliteDump : DumpDialect
{
    /// <inheritdoc />
    public override string LoadNote =>
        "SQL: load with `sqlite3 new.db < FILE.sql` into an empty database, then `PRAGMA foreign_key_check`. It holds the "
        + "customer's rows and those rows of reference lists that they refer to. What is not as in the source (columns not "
        + "exported, references to rows that are not the customer's) is a comment above its table; triggers are left out.";

    /// <inheritdoc />
    public override string Table(string name) => SqlText.Quote(name);

    /// <inheritdoc />
    public override IReadOnlyList<ColumnInfo> Columns(DumpTable table) =>
        // Generated ones are computed again by a verbatim definition.
        [.. table.Dataset.ExportColumns.Where(column => !(IsVerbatim(table) && column.Generated))];

    /// <inheritdoc />
    public override IEnumerable<string> Before(IReadOnlyList<DumpTable> tables) =>
        tables.Select(Definition).Prepend("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n");

    /// <summary>
    /// Indexes. Triggers stay behind: they would act on tables that a dump of one customer's rows need not have.
    /// </summary>
    public override IEnumerable<string> After(IReadOnlyList<DumpTable> tables) =>
        tables
            .Where(IsVerbatim)
            .SelectMany(table => table.Table.Companions)
            .Where(text => text.TrimStart().StartsWith("CREATE", StringComparison.OrdinalIgnoreCase))
            .Where(text => !text.TrimStart().StartsWith("CREATE TRIGGER", StringComparison.OrdinalIgnoreCase))
            .Select(text => text.TrimEnd().TrimEnd(';') + ";\n")
            .Append("COMMIT;\n");

    /// <inheritdoc />
    public override bool TryWrite(RowBuffer output, in Cell cell, ColumnInfo column)
    {
        SqlText.Write(output, cell);
        return true;
    }

    /// <summary>
    /// True when the source's own definition stands as it is. It does unless columns or references are missing; then
    /// a definition is made from the catalogue.
    /// </summary>
    private static bool IsVerbatim(DumpTable table) => table.LeftOut.Count == 0 && table.IsWhole;

    private static string Definition(DumpTable table)
    {
        if (IsVerbatim(table))
        {
            return table.Table.Definition.TrimEnd().TrimEnd(';') + ";\n";
        }

        var lines = table.Dataset.ExportColumns.Select(ColumnLine).Concat(Constraints(table));
        return new StringBuilder()
            .AppendJoin("", Remarks(table))
            .Append("CREATE TABLE ")
            .Append(SqlText.Quote(table.Table.Name))
            .Append(" (\n  ")
            .AppendJoin(",\n  ", lines)
            .Append("\n);\n")
            .ToString();
    }

    private static IEnumerable<string> Constraints(DumpTable table)
    {
        var key = table.Table.PrimaryKey;
        if (key.Count > 0 && key.All(table.IsKept))
        {
            yield return $"PRIMARY KEY ({Names(key)})";
        }

        foreach (var unique in table.Table.UniqueKeys.Where(set => set.All(table.IsKept) && !set.SequenceEqual(key)))
        {
            yield return $"UNIQUE ({Names(unique)})";
        }

        foreach (var reference in table.References)
        {
            yield return $"FOREIGN KEY ({Names(reference.Columns)}) REFERENCES {SqlText.Quote(reference.ReferencedTable)} "
                + $"({Names(reference.ReferencedColumns)}) ON DELETE {reference.OnDelete}";
        }
    }

    private static string ColumnLine(ColumnInfo column) =>
        $"{SqlText.Quote(column.Name)} {column.DeclaredType}".TrimEnd() + (column.Nullable ? "" : " NOT NULL");
}
