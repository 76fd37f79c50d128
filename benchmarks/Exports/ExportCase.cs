namespace Portability.Benchmarks.Exports;

/// <summary>One comparison: our export in a format beside a program that others wrote. To add one: a class, and a line in <see cref="All"/>.</summary>
internal abstract class ExportCase
{
    /// <summary>Every comparison, in the order they run.</summary>
    public static IReadOnlyList<ExportCase> All { get; } =
    [new CsvCase(), new SqlCase(), new ParquetCase(), new XlsxCase()];

    /// <summary>The format's name, which <c>--only</c> takes.</summary>
    public abstract string Name { get; }

    public abstract string PeerName { get; }

    /// <summary>The ratio that is promised.</summary>
    public abstract double Bar { get; }

    /// <summary>What the time goes into, as profiles show it.</summary>
    public abstract string Limit { get; }

    /// <summary>One run of ours: all files of the format, parts at once as in an export, into files instead of blobs.</summary>
    public virtual Task<MeasuredProcess> OursAsync(string database, string target) =>
        MeasuredProcess.RunAsync(Environment.ProcessPath!, "write", Name, database, target);

    /// <summary>One run of the peer on the same database.</summary>
    public abstract Task<MeasuredProcess> PeerAsync(string database, string target);

    /// <summary>A script beside the repository's tools, which are installed there.</summary>
    protected static string Script(string name) =>
        Path.Combine(
            Environment.GetEnvironmentVariable("PORTABILITY_HOME")
                ?? throw new InvalidOperationException("Run it by ./bench, which sets PORTABILITY_HOME."),
            "benchmarks",
            "Exports",
            name
        );
}

/// <summary>CSV beside the sqlite3 shell's.</summary>
internal sealed class CsvCase : ExportCase
{
    public override string Name => "csv";

    public override string PeerName => "sqlite3 -csv";

    public override double Bar => 1.5;

    public override string Limit =>
        "processor time, on all cores: about two fifths is SQLite counting and reading rows, a quarter formatting, a tenth hashing";

    public override Task<MeasuredProcess> PeerAsync(string database, string target) =>
        MeasuredProcess.RunAsync(
            "sqlite3",
            "-csv",
            "-header",
            database,
            $".output '{target}'",
            "SELECT * FROM activity ORDER BY id"
        );
}

/// <summary>The SQL dump beside the sqlite3 shell's. One file a database: rows are read on one thread and written on another.</summary>
internal sealed class SqlCase : ExportCase
{
    public override string Name => "sql";

    public override string PeerName => "sqlite3 .dump";

    public override double Bar => 1.5;

    public override string Limit =>
        "the one thread that reads the rows, two fifths of the processor time; formatting, hashing and writing go on beside it";

    public override Task<MeasuredProcess> PeerAsync(string database, string target) =>
        MeasuredProcess.RunAsync("sqlite3", database, $".output '{target}'", ".dump");
}

/// <summary>Parquet beside the sqlite3 shell's CSV piped into DuckDB, both compressed with gzip.</summary>
internal sealed class ParquetCase : ExportCase
{
    public override string Name => "parquet";

    public override string PeerName => "sqlite3 -csv | DuckDB";

    public override double Bar => 1.5;

    public override string Limit =>
        "processor time, on all cores: about a third each is reading rows and turning them into columns; gzip at its fastest is a twelfth";

    public override Task<MeasuredProcess> PeerAsync(string database, string target) =>
        MeasuredProcess.RunAsync("node", Script("duckdb.mjs"), database, target);
}

/// <summary>XLSX beside exceljs's streaming writer, fed by the sqlite3 shell.</summary>
internal sealed class XlsxCase : ExportCase
{
    public override string Name => "xlsx";

    public override string PeerName => "exceljs";

    public override double Bar => 4;

    public override string Limit =>
        "processor time, on all cores: three tenths each is compressing the sheets and formatting cells, a fifth reading rows";

    public override Task<MeasuredProcess> PeerAsync(string database, string target) =>
        MeasuredProcess.RunAsync("node", Script("exceljs.mjs"), database, target);
}
