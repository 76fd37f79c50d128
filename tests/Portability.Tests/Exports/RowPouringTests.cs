using System.Data.Common;
using System.Globalization;
using System.Text;
using Portability.Exports;
using Portability.Exports.Rows;
using Portability.Sources;
using Portability.Tests.Sources;

namespace Portability.Tests.Exports;

/// <summary>Rows poured into a sink are the rows read value by value, from both engines.</summary>
public sealed class RowPouringTests
{
    [Theory]
    [InlineData(
        "SELECT 1 AS n, 2.5, 'text', x'00ff', NULL, '' UNION ALL SELECT NULL, -0.0, x'', 'å', 9, 'z' ORDER BY n"
    )]
    [InlineData("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n")]
    [InlineData("SELECT 'one' WHERE 1 = 0")]
    public async Task Pour_FromSqlite_GivesWhatReadingGives(string sql)
    {
        using var file = new SqliteFile("CREATE TABLE t (id INTEGER PRIMARY KEY)");
        await using var connection = await file.Source.OpenReadAsync(default);

        Assert.Equal(Read(connection, sql), Poured(connection, sql));
    }

    [Fact]
    public async Task Pour_FromPostgres_GivesWhatReadingGives()
    {
        // Days that repeat, and years that do not have four digits between days that do.
        const string Sql = """
            SELECT i AS id, i % 2 = 0, i::smallint, i::int, i::real / 3, i::float8 / 3, i::numeric / 3, repeat('å', i % 5), decode('00ff', 'hex'), NULL::text,
              md5(i::text)::uuid, repeat('x', CASE i % 300 WHEN 0 THEN 1000000 ELSE 0 END), '{"a": 1}'::jsonb, interval '1 day' * i, make_time(i % 24, 59, 0.5),
              CASE i % 9 WHEN 0 THEN '-infinity' WHEN 1 THEN 'infinity' WHEN 2 THEN '0044-03-15 BC' WHEN 3 THEN '294276-12-31 00:00:00.000001Z'
                ELSE '2026-02-28 23:59:59Z' END::timestamptz + interval '1 s' * (i / 9),
              CASE i % 5 WHEN 0 THEN '0001-01-01' WHEN 1 THEN '10000-01-01' WHEN 2 THEN '0001-12-31 BC' ELSE '1999-12-31' END::date
            FROM generate_series(1, 1000) i ORDER BY 1
            """;
        await using var database = await PostgresServer.CreateAsync();
        await using var connection = await new PostgresSource("lms", database.ConnectionString).OpenReadAsync(default);

        var read = Read(connection, Sql);

        Assert.Equal(read, Poured(connection, Sql));
        Assert.Equal(1000, read.Count);
        Assert.Contains("2026-02-28T23:59:59Z", read[3], StringComparison.Ordinal);
        Assert.Contains("0044-03-15T00:00:00Z BC", read[1], StringComparison.Ordinal);
        Assert.Contains("294276-12-31T00:00:00.000001Z", read[2], StringComparison.Ordinal);
        Assert.Contains("|10000-01-01", read[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pour_IntoASinkThatHasEnough_GoesOnWithTheNextRow()
    {
        using var file = new SqliteFile("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)");
        await using var connection = await file.Source.OpenReadAsync(default);
        using var rows = ExportSources.Open(connection, new RowQuery("SELECT id FROM t ORDER BY id", []));
        var taken = new List<string>();
        var sink = new Lines(taken, 2);

        var isMore = rows.Pour(ref sink);

        Assert.True(isMore);
        Assert.Equal(["1", "2"], taken);
        Assert.False(rows.Pour(ref sink));
        Assert.Equal(["1", "2", "3"], taken);
    }

    [Fact]
    public void Among_WhereAUniqueIndexLeavesOneRow_IsAComparisonOnPostgresOnly()
    {
        const string Query = "SELECT id FROM tenants WHERE code = @tenant";

        Assert.Equal($"t.a = ({Query})", new PostgresDialect().Among("t.a", Query, isOne: true));
        Assert.Equal($"t.a IN ({Query})", new PostgresDialect().Among("t.a", Query, isOne: false));
        Assert.Equal($"t.a IN ({Query})", new SqliteDialect().Among("t.a", Query, isOne: true));
    }

    private static List<string> Read(DbConnection connection, string sql)
    {
        using var rows = ExportSources.Open(connection, new RowQuery(sql, []));
        var lines = new List<string>();
        while (rows.Read())
        {
            var line = new List<string>();
            for (var i = 0; i < rows.Width; i++)
            {
                rows.Get(i, out var cell);
                line.Add(
                    cell.Kind switch
                    {
                        CellKind.Integer => Lines.Number(cell.Integer),
                        CellKind.Real => Lines.Number(cell.Real),
                        CellKind.Text => Lines.Quoted(cell.Bytes),
                        CellKind.Blob => Convert.ToHexString(cell.Bytes),
                        _ => "null",
                    }
                );
            }

            lines.Add(string.Join('|', line));
        }

        return lines;
    }

    private static List<string> Poured(DbConnection connection, string sql)
    {
        using var rows = ExportSources.Open(connection, new RowQuery(sql, []));
        var lines = new List<string>();
        var sink = new Lines(lines, 7);
        while (rows.Pour(ref sink)) { }

        return lines;
    }

    /// <summary>Rows as lines; has enough after every so many.</summary>
    private readonly struct Lines(List<string> lines, int enough) : IRowSink
    {
        private readonly List<string> _line = [];

        public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

        public static string Number(double number) => "r" + number.ToString("R", CultureInfo.InvariantCulture);

        public static string Quoted(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

        public void Null(int column) => _line.Add("null");

        public void Integer(int column, long number) => _line.Add(Number(number));

        public void Real(int column, double number) => _line.Add(Number(number));

        public void Text(int column, ReadOnlySpan<byte> utf8) => _line.Add(Quoted(utf8));

        public void Plain(int column, ReadOnlySpan<byte> ascii)
        {
            Assert.Matches("^[0-9a-f][0-9a-fA-Z :.-]*$", Quoted(ascii));
            Text(column, ascii);
        }

        public void Blob(int column, ReadOnlySpan<byte> bytes) => _line.Add(Convert.ToHexString(bytes));

        public bool EndRow()
        {
            lines.Add(string.Join('|', _line));
            _line.Clear();
            return lines.Count % enough != 0;
        }
    }
}
