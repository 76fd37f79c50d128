using System.Text;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats;

/// <summary>
/// A dump for the <c>psql</c> program: schemas, enums, domains and sequences, tables with their keys and checks, rows, then indexes,
/// foreign keys, and the positions of sequences. Its INSERT statements keep to what SQLite reads too.
/// </summary>
/// <param name="source">Names tables as the source does, in the schema where they are.</param>
internal sealed class PostgresDump(PostgresDialect source) : DumpDialect
{
    /// <inheritdoc />
    public override string LoadNote =>
        "SQL (PostgreSQL): load with `psql -v ON_ERROR_STOP=1 -d NEW -f FILE.sql` into an empty database; foreign keys are made "
        + "last, so that they are checked against every row. It holds the customer's rows and those rows of reference lists that they "
        + "refer to. What is not as in the source (columns not exported, types and functions of its own, references to rows that are not "
        + "the customer's) is a comment above its table; triggers, policies and partitions are left out.";

    /// <inheritdoc />
    public override string Table(string name) => source.Table(name);

    /// <inheritdoc />
    public override IReadOnlyList<ColumnInfo> Columns(DumpTable table) =>
        [.. table.Dataset.ExportColumns.Where(column => !IsComputed(table, column.Name))];

    /// <inheritdoc />
    public override IEnumerable<string> Before(IReadOnlyList<DumpTable> tables)
    {
        yield return "SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\nSET client_min_messages = warning;\n"
            + "SET search_path = '';\nBEGIN;\n";
        foreach (var statement in tables.SelectMany(table => Script(table).Before).Distinct(StringComparer.Ordinal))
        {
            yield return statement + ";\n";
        }

        foreach (var table in tables)
        {
            yield return Definition(table);
        }
    }

    /// <inheritdoc />
    public override IEnumerable<string> After(IReadOnlyList<DumpTable> tables) =>
        tables
            .SelectMany(Indexes)
            .Concat(tables.SelectMany(References))
            .Concat(
                tables.SelectMany(table =>
                    Script(table).After.Where(after => table.IsKept(after.Column)).Select(after => after.Sql)
                )
            )
            .Append("COMMIT")
            .Select(statement => statement + ";\n");

    /// <inheritdoc />
    public override bool TryWrite(RowBuffer output, in Cell cell, ColumnInfo column)
    {
        switch (cell.Kind)
        {
            case CellKind.Integer when column.Kind == ColumnKind.Boolean:
                output.Write(cell.Integer == 0 ? "false"u8 : "true"u8);
                return true;
            case CellKind.Integer:
                NumberText.WriteInteger(output, cell.Integer);
                return true;
            case CellKind.Real when double.IsFinite(cell.Real):
                NumberText.WriteReal(output, cell.Real);
                return true;
            case CellKind.Real:
                output.Write(cell.Real > 0 ? "'Infinity'"u8 : "'-Infinity'"u8);
                return true;
            case CellKind.Text
                when column.Kind == ColumnKind.Decimal && cell.Bytes[^1] is >= (byte)'0' and <= (byte)'9':
                // Bare: a money column would read a quoted number by its locale.
                output.Write(cell.Bytes);
                return true;
            case CellKind.Text:
                return SqlText.TryWriteQuoted(output, cell.Bytes);
            case CellKind.Blob:
                output.Write("'\\x"u8);
                SqlText.WriteHex(output, cell.Bytes);
                output.Write((byte)'\'');
                return true;
            default:
                output.Write("NULL"u8);
                return true;
        }
    }

    private static TableScript Script(DumpTable table) =>
        table.Table.Script
        ?? throw new InvalidOperationException($"{table.Table.Name} was read without its definition.");

    /// <summary>A generated column is computed again, unless one that it may be computed from is missing.</summary>
    private static bool IsComputed(DumpTable table, string column) =>
        table.IsWhole
        && table.Table.Find(column) is { Generated: true }
        && Line(table, column).EndsWith(Stored, StringComparison.Ordinal);

    private const string Stored = ") STORED";

    private static string Line(DumpTable table, string column)
    {
        var line = Script(table).Columns.First(script => script.Column == column).Sql;
        // A computed column may be required, which then stands after the computation.
        return line.EndsWith(Stored + " NOT NULL", StringComparison.Ordinal) ? line[..^" NOT NULL".Length] : line;
    }

    private string Definition(DumpTable table)
    {
        var lines = table
            .Dataset.ExportColumns.Select(column =>
                column.Generated && !IsComputed(table, column.Name)
                    ? $"{SqlText.Quote(column.Name)} {column.StorageType}"
                    : Script(table).Columns.First(script => script.Column == column.Name).Sql
            )
            .Concat(
                Script(table)
                    .Constraints.Where(constraint => constraint.Columns.All(table.IsKept))
                    .Select(constraint => constraint.Sql)
            );
        var remarks = Script(table).Remarks.Select(remark => $"-- {remark.ReplaceLineEndings(" ")}\n");
        return new StringBuilder()
            .AppendJoin("", Remarks(table).Concat(remarks))
            .Append("CREATE TABLE ")
            .Append(Table(table.Table.Name))
            .Append(" (\n  ")
            .AppendJoin(",\n  ", lines)
            .Append("\n);\n")
            .ToString();
    }

    private IEnumerable<string> Indexes(DumpTable table)
    {
        if (table.IsWhole)
        {
            return table.Table.Companions;
        }

        // What the other indexes are over is not told apart here; unique ones may be what a foreign key refers to.
        var made = Script(table).Constraints.Select(constraint => constraint.Columns).ToList();
        return table
            .Table.UniqueKeys.Where(key => key.All(table.IsKept) && !made.Exists(columns => columns.SequenceEqual(key)))
            .Select(key => $"CREATE UNIQUE INDEX ON {Table(table.Table.Name)} ({Names(key)})");
    }

    private IEnumerable<string> References(DumpTable table) =>
        table.References.Select(reference => $"ALTER TABLE {Table(table.Table.Name)} ADD {reference.Definition}");
}
