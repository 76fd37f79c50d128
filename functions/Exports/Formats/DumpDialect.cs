using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats;

/// <summary>How a SQL dump is written for one engine, which is the engine the rows come from.</summary>
internal abstract class DumpDialect
{
    /// <summary>How to load a dump, for the manifest.</summary>
    public abstract string LoadNote { get; }

    /// <summary>The dialect of a source.</summary>
    public static DumpDialect Of(SqlDialect dialect) =>
        dialect is PostgresDialect postgres ? new PostgresDump(postgres) : Of(dialect.Name);

    /// <summary>The dialect by a data map's name for the engine.</summary>
    public static DumpDialect Of(string provider) =>
        provider switch
        {
            "sqlite" => new SqliteDump(),
            "postgres" or "postgresql" => new PostgresDump(new PostgresDialect()),
            _ => throw new NotSupportedException($"There is no SQL dump for '{provider}'."),
        };

    /// <summary>A table as SQL names it.</summary>
    public abstract string Table(string name);

    /// <summary>Columns whose values are written.</summary>
    public abstract IReadOnlyList<ColumnInfo> Columns(DumpTable table);

    /// <summary>Statements before the rows, in order: settings, the beginning of the transaction, definitions.</summary>
    public abstract IEnumerable<string> Before(IReadOnlyList<DumpTable> tables);

    /// <summary>Statements after the rows, the end of the transaction last.</summary>
    public abstract IEnumerable<string> After(IReadOnlyList<DumpTable> tables);

    /// <summary>Writes a value; false when it is a text that the dialect cannot hold.</summary>
    public abstract bool TryWrite(RowBuffer output, in Cell cell, ColumnInfo column);

    /// <summary>Comments for what is not as in the source.</summary>
    protected static IEnumerable<string> Remarks(DumpTable table) =>
        table
            .ColumnsLeftOut.Select(column => $"Column left out: {column}")
            .Concat(table.LeftOut.Select(left => $"Reference left out: {left.Reference}: {left.Reason}"))
            .Select(text => $"-- {text.ReplaceLineEndings(" ")}\n");

    protected static string Names(IEnumerable<string> columns) => string.Join(", ", columns.Select(SqlText.Quote));
}
