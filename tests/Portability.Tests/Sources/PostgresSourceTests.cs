using System.Text;
using Npgsql;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Tests.Sources;

public sealed class PostgresSourceTests
{
    private const string School = """
        CREATE SCHEMA archive; CREATE SCHEMA "od.d";
        CREATE TYPE mood AS ENUM ('glad', 'so ''so''');
        CREATE DOMAIN positive AS integer NOT NULL CHECK (VALUE > 0);
        CREATE DOMAIN small AS positive CHECK (VALUE < 1000);
        CREATE TABLE schools (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
        CREATE TABLE pupils (
          school_id bigint NOT NULL REFERENCES schools ON DELETE CASCADE,
          number small, buddy integer, joined date, nick varchar(20) UNIQUE, feeling mood DEFAULT 'glad',
          shout text GENERATED ALWAYS AS (upper(nick)) STORED, balance numeric(10,2) CHECK (balance > -1000), fee money,
          tags text[], span int4range, away interval, doc jsonb, secret bytea, "when" timestamptz, ref uuid,
          PRIMARY KEY (school_id, number),
          FOREIGN KEY (school_id, buddy) REFERENCES pupils (school_id, number) ON DELETE SET NULL (buddy) DEFERRABLE INITIALLY DEFERRED);
        CREATE TABLE archive.logs (id serial, at timestamp NOT NULL, school_id bigint REFERENCES schools, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
        CREATE TABLE archive.logs_old PARTITION OF archive.logs DEFAULT;
        CREATE TABLE "od.d"."t.""x" (id int PRIMARY KEY);
        CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child () INHERITS (parent);
        CREATE VIEW everyone AS SELECT * FROM pupils;
        CREATE MATERIALIZED VIEW names AS SELECT name FROM schools;
        CREATE INDEX pupils_joined ON pupils (joined); CREATE UNIQUE INDEX pupils_some ON pupils (joined) WHERE joined IS NOT NULL;
        CREATE FUNCTION shy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
        CREATE TRIGGER shy BEFORE DELETE ON pupils FOR EACH ROW EXECUTE FUNCTION shy();
        INSERT INTO schools (name) VALUES ('Ås');
        """;

    [Fact]
    public async Task Catalogue_OfALiveDatabase_TellsSchemasKeysTypesAndViews()
    {
        await using var database = await PostgresServer.CreateAsync(School);

        var catalogue = await database.Source.ReadCatalogueAsync(CancellationToken.None);

        Assert.Equal(
            ["everyone", "names", "parent", "pupils", "schools", "archive.logs", "\"od.d\".\"t.\"\"x\""],
            catalogue.Tables.Select(table => table.Name)
        );
        Assert.Equal(["everyone", "names"], catalogue.Tables.Where(table => table.IsView).Select(table => table.Name));
        Assert.Equal("\"od.d\".\"t.\"\"x\"", database.Source.Dialect.Table(catalogue.Tables[^1].Name));
        var pupils = catalogue.Find("PUPILS")!;
        Assert.Equal(["school_id", "number"], pupils.PrimaryKey);
        Assert.Equal(
            ["school_id, buddy -> pupils(school_id, number)", "school_id -> schools(id)"],
            pupils.ForeignKeys.Select(link => link.ToString())
        );
        Assert.Equal(["SET NULL", "CASCADE"], pupils.ForeignKeys.Select(link => link.OnDelete));
        Assert.Contains("DEFERRABLE INITIALLY DEFERRED", pupils.ForeignKeys[0].Definition, StringComparison.Ordinal);
        Assert.Equal(
            "Integer Integer Integer Date Text Text Text Decimal Decimal Text Text Text Json Blob DateTime Guid",
            string.Join(' ', pupils.Columns.Select(column => column.Kind))
        );
        Assert.True(pupils.Find("shout")!.Generated);
        Assert.False(pupils.Find("number")!.Nullable);
        Assert.Equal("integer", pupils.Find("number")!.StorageType);
        Assert.Equal(
            ["nick", "school_id, number"],
            pupils.UniqueKeys.Select(key => string.Join(", ", key)).Order(StringComparer.Ordinal)
        );
        Assert.Equal(["shy"], pupils.Triggers);
        Assert.Equal(2, pupils.Companions.Count);
        Assert.Equal("schools", catalogue.Find("archive.logs")!.ForeignKeys.Single().ReferencedTable);
    }

    [Fact]
    public async Task Catalogue_OfATableInParts_KnowsTheTriggersOfEachPart()
    {
        await using var database = await PostgresServer.CreateAsync(
            """
            CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$;
            CREATE TABLE logs (id int PRIMARY KEY) PARTITION BY RANGE (id);
            CREATE TABLE logs_low PARTITION OF logs FOR VALUES FROM (0) TO (100);
            CREATE TABLE notes (id int PRIMARY KEY); CREATE TABLE old_notes () INHERITS (notes);
            CREATE TRIGGER low AFTER DELETE ON logs_low FOR EACH ROW EXECUTE FUNCTION nothing();
            CREATE TRIGGER every AFTER DELETE ON logs FOR EACH ROW EXECUTE FUNCTION nothing();
            CREATE TRIGGER old AFTER DELETE ON old_notes FOR EACH ROW EXECUTE FUNCTION nothing();
            """
        );

        var catalogue = await database.Source.ReadCatalogueAsync(CancellationToken.None);

        Assert.Equal(["every", "low"], catalogue.Find("logs")!.Triggers);
        Assert.Equal(["old"], catalogue.Find("notes")!.Triggers);
    }

    [Fact]
    public async Task Catalogue_WithRowsHiddenByPolicies_IsRefusedWithTheMend()
    {
        await using var database = await PostgresServer.CreateAsync(
            """
            CREATE TABLE notes (id int PRIMARY KEY); ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
            """
        );
        var role = $"reader_{database.Name}";
        await database.RunAsync(
            $"CREATE ROLE {role} LOGIN PASSWORD 'p'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
        );
        var source = new PostgresSource(
            "lms",
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = "p" }.ToString()
        );

        var refused = await Assert.ThrowsAsync<SourceUnfitException>(() =>
            source.ReadCatalogueAsync(CancellationToken.None)
        );
        Assert.Contains("row-level security hides rows of notes", refused.Message, StringComparison.Ordinal);
        Assert.Contains("BYPASSRLS", refused.Mend, StringComparison.Ordinal);
        await database.Source.ReadCatalogueAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Catalogue_WithAChildTableThatHasColumnsOfItsOwn_IsRefused()
    {
        await using var database = await PostgresServer.CreateAsync(
            "CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (extra text) INHERITS (parent)"
        );

        var refused = await Assert.ThrowsAsync<SourceUnfitException>(() =>
            database.Source.ReadCatalogueAsync(CancellationToken.None)
        );

        Assert.Contains("child inherits", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", "I:1")]
    [InlineData("7::int2", "I:7")]
    [InlineData("(-9223372036854775807 - 1)::int8", "I:-9223372036854775808")]
    [InlineData("4294967295::oid", "I:4294967295")]
    [InlineData("0.1::float4", "R:0.1")]
    [InlineData("'-Infinity'::float8", "R:-Infinity")]
    [InlineData("'NaN'::float8", "T:NaN")]
    [InlineData("0.00::numeric(5,2)", "T:0.00")]
    [InlineData("-12345678901234567890.000100::numeric", "T:-12345678901234567890.000100")]
    [InlineData("0.000000000001::numeric", "T:0.000000000001")]
    [InlineData("1e20::numeric", "T:100000000000000000000")]
    [InlineData("10000::numeric", "T:10000")]
    [InlineData("99990000.5::numeric", "T:99990000.5")]
    [InlineData("'NaN'::numeric", "T:NaN")]
    [InlineData("'Infinity'::numeric", "T:Infinity")]
    [InlineData("12.5::money", "T:12.50")]
    [InlineData("''::text", "T:")]
    [InlineData("NULL::text", "NULL")]
    [InlineData("'a b'::char(5)", "T:a b  ")]
    [InlineData("E'\\tå😀'", "T:\tå😀")]
    [InlineData("'\\x00ff'::bytea", "B:00FF")]
    [InlineData("'{\"b\": 1, \"a\":2}'::json", "T:{\"b\": 1, \"a\":2}")]
    [InlineData("'{\"b\": 1}'::jsonb", "T:{\"b\": 1}")]
    [InlineData("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", "T:a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")]
    [InlineData("date '2024-02-29'", "T:2024-02-29")]
    [InlineData("date '2000-01-01'", "T:2000-01-01")]
    [InlineData("date '1999-12-31'", "T:1999-12-31")]
    [InlineData("date '1900-03-01'", "T:1900-03-01")]
    [InlineData("date '0044-03-15 BC'", "T:0044-03-15 BC")]
    [InlineData("date '5874897-12-31'", "T:5874897-12-31")]
    [InlineData("date 'infinity'", "T:infinity")]
    [InlineData("time '23:59:59.5'", "T:23:59:59.5")]
    [InlineData("timestamp '1969-07-20 20:17:40.000001'", "T:1969-07-20T20:17:40.000001")]
    [InlineData("timestamptz '2026-01-15 09:00+01'", "T:2026-01-15T08:00:00Z")]
    [InlineData("timestamptz '-infinity'", "T:-infinity")]
    [InlineData("interval '1 year 2 days 3.5 seconds'", "T:P1Y2DT3.5S")]
    [InlineData("ARRAY['a', NULL, 'c \"d\"']", "T:{a,NULL,\"c \\\"d\\\"\"}")]
    [InlineData("int4range(1, 5)", "T:[1,5)")]
    [InlineData("inet '10.0.0.1/8'", "T:10.0.0.1/8")]
    [InlineData("B'101'", "T:101")]
    [InlineData("point(1, 2)", "T:(1,2)")]
    public async Task Rows_OfAType_ComeAsItsExportForm(string expression, string expected)
    {
        await using var connection = await OpenAsync();

        Assert.Equal([expected], Cells(connection, new RowQuery($"SELECT {expression}", [])));
    }

    [Fact]
    public async Task Rows_ByParameters_AreFoundWithoutAnyValueInTheStatement()
    {
        await using var connection = await OpenAsync();
        var id = Guid.NewGuid();
        var hostile = "'; DROP TABLE x; -- @id \\ \"";

        var query = new RowQuery(
            "SELECT @text AS \"@text\", @number + 1, @id, '@number', @missing",
            [("@text", hostile), ("@number", 41L), ("@id", id), ("@missing", null)]
        );

        Assert.Equal([$"T:{hostile}", "I:42", $"T:{id}", "T:@number", "NULL"], Cells(connection, query));
    }

    [Fact]
    public async Task Rows_OfSeveralQueriesAtOnce_AreOfOneMoment()
    {
        await using var database = await PostgresServer.CreateAsync(School);
        await using var connection = await database.Source.OpenReadAsync(CancellationToken.None);
        var query = new RowQuery("SELECT count(*) FROM public.schools, generate_series(1, @n)", [("@n", 3L)]);

        using var first = new PostgresRowReader(
            (NpgsqlConnection)connection,
            new("SELECT generate_series(1, 100000)", [])
        );
        Assert.True(first.Read());
        await database.RunAsync("INSERT INTO schools (name) VALUES ('Bø')");

        Assert.Equal(["I:3"], Cells(connection, query));
        Assert.True(first.Read());
        Assert.Equal(2, await database.CountAsync("SELECT count(*) FROM schools"));
    }

    [Fact]
    public async Task Rows_OfASharedSnapshotThatWasLetGo_AreStillOfItsMoment()
    {
        await using var database = await PostgresServer.CreateAsync(School);
        var snapshot = (await database.Source.HoldSnapshotAsync([], CancellationToken.None))!;
        await using var connection = (await snapshot.OpenReadAsync(CancellationToken.None))!;
        await snapshot.DisposeAsync();
        await database.RunAsync("INSERT INTO schools (name) VALUES ('Bø')");

        using var first = new PostgresRowReader(
            (NpgsqlConnection)connection,
            new("SELECT generate_series(1, 100000)", [])
        );
        Assert.True(first.Read());

        Assert.Equal(
            ["I:1"],
            Cells(connection, new RowQuery("SELECT count(*) FROM public.schools WHERE 1 = @n", [("@n", 1L)]))
        );
    }

    [Fact]
    public async Task Rows_LeftInTheMiddle_AreNotReadToTheirEnd()
    {
        await using var database = await PostgresServer.CreateAsync();
        await using var connection = await database.Source.OpenReadAsync(CancellationToken.None);
        var reader = new PostgresRowReader(
            (NpgsqlConnection)connection,
            new("SELECT generate_series(1, 4000000000)", [])
        );
        Assert.True(reader.Read());

        reader.Dispose();

        Assert.Equal(["I:7"], Cells(connection, new RowQuery("SELECT @n", [("@n", 7L)])));
        Assert.Equal(
            0,
            await database.CountAsync(
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND datname = current_database()"
            )
        );
    }

    [Fact]
    public async Task Rows_ThatTheServerCannotGoOnWith_SayWhy_AndTheSnapshotLives()
    {
        await using var database = await PostgresServer.CreateAsync();
        await using var connection = await database.Source.OpenReadAsync(CancellationToken.None);

        var fault = Assert.Throws<PostgresException>(() =>
            Cells(connection, new RowQuery("SELECT 1 / (g - 50000) FROM generate_series(1, 100000) g", []))
        );

        Assert.Equal(PostgresErrorCodes.DivisionByZero, fault.SqlState);
        Assert.Equal(["I:7"], Cells(connection, new RowQuery("SELECT @n", [("@n", 7L)])));
    }

    [Fact]
    public async Task Rows_OfAConnectionThatIsLost_SayWhy()
    {
        await using var database = await PostgresServer.CreateAsync();
        await using var connection = await database.Source.OpenReadAsync(CancellationToken.None);
        var reader = new PostgresRowReader(
            (NpgsqlConnection)connection,
            new("SELECT generate_series(1, 4000000000)", [])
        );
        Assert.True(reader.Read());
        await database.RunAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND datname = current_database()"
        );

        var fault = Record.Exception(() =>
        {
            using var left = reader;
            while (left.Read()) { }
        });

        Assert.IsAssignableFrom<NpgsqlException>(fault);
    }

    [Fact]
    public async Task Rows_LargerThanTheBuffer_ComeWhole()
    {
        await using var connection = await OpenAsync();
        using var reader = new PostgresRowReader(
            (NpgsqlConnection)connection,
            new(
                "SELECT g, repeat(chr(64 + g), CASE g % 3 WHEN 0 THEN 1000000 ELSE 30000 END), g FROM generate_series(1, 20) g",
                []
            )
        );

        var row = 0;
        while (reader.Read())
        {
            row++;
            reader.Get(0, out var number);
            reader.Get(1, out var text);
            reader.Get(2, out var again);
            Assert.Equal((row, row), (number.Integer, again.Integer));
            Assert.Equal(row % 3 == 0 ? 1_000_000 : 30_000, text.Bytes.Length);
            Assert.Equal(-1, text.Bytes.IndexOfAnyExcept((byte)(64 + row)));
        }

        Assert.Equal(20, row);
    }

    [Fact]
    public async Task OpenRead_OfAServerThatIsNotThere_NamesTheSystem()
    {
        var source = new PostgresSource("lms", "Host=127.0.0.1;Port=1;Username=x;Timeout=2");

        var fault = await Assert.ThrowsAsync<SourceUnreachableException>(() =>
            source.OpenReadAsync(CancellationToken.None)
        );

        Assert.Equal("lms", fault.System);
    }

    [Fact]
    public async Task OpenWork_Always_TakesTemporaryTablesAndKeepsNothing()
    {
        await using var database = await PostgresServer.CreateAsync(School);
        await using (var connection = await database.Source.OpenWorkAsync(CancellationToken.None))
        {
            await using var command = connection.CreateCommand();
            command.CommandText =
                "CREATE TEMPORARY TABLE w (id bigint); INSERT INTO pg_temp.w SELECT id FROM public.schools; DELETE FROM public.schools";
            await command.ExecuteNonQueryAsync();
        }

        Assert.Equal(1, await database.CountAsync("SELECT count(*) FROM schools"));
    }

    [Fact]
    public async Task Scrub_AfterADeletion_LeavesNoCopyInViewsNorDeadRows()
    {
        await using var database = await PostgresServer.CreateAsync(School);
        var table = (await database.Source.ReadCatalogueAsync(CancellationToken.None)).Find("schools")!;
        await database.RunAsync("REFRESH MATERIALIZED VIEW names");
        await database.RunAsync("DELETE FROM schools");
        Assert.Equal(1, await database.CountAsync("SELECT count(*) FROM names"));

        await database.Source.ScrubAsync(table, CancellationToken.None);

        Assert.Equal(0, await database.CountAsync("SELECT count(*) FROM names"));
        Assert.Equal(0, await database.CountAsync("SELECT pg_relation_size('schools')"));
    }

    /// <summary>A database without tables, for queries that need none.</summary>
    private static async Task<System.Data.Common.DbConnection> OpenAsync() =>
        await new PostgresSource("lms", (await PostgresServer.StartedAsync()).ConnectionString).OpenReadAsync(
            CancellationToken.None
        );

    private static List<string> Cells(System.Data.Common.DbConnection connection, RowQuery query)
    {
        using var reader = new PostgresRowReader((NpgsqlConnection)connection, query);
        var cells = new List<string>();
        while (reader.Read())
        {
            for (var i = 0; i < reader.Width; i++)
            {
                reader.Get(i, out var cell);
                cells.Add(
                    cell.Kind switch
                    {
                        CellKind.Integer => FormattableString.Invariant($"I:{cell.Integer}"),
                        CellKind.Real => FormattableString.Invariant($"R:{cell.Real}"),
                        CellKind.Text => $"T:{Encoding.UTF8.GetString(cell.Bytes)}",
                        CellKind.Blob => $"B:{Convert.ToHexString(cell.Bytes)}",
                        _ => "NULL",
                    }
                );
            }
        }
        return cells;
    }
}
