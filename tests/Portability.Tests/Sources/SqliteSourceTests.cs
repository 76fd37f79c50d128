using Portability.Sources;

namespace Portability.Tests.Sources;

public sealed class SqliteSourceTests
{
    private const string School = """
        PRAGMA journal_mode = WAL;
        CREATE TABLE schools (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE pupils (
          school_id INTEGER NOT NULL REFERENCES schools,
          number INTEGER NOT NULL,
          buddy INTEGER,
          joined DATE,
          shout TEXT GENERATED ALWAYS AS (upper(nick)) VIRTUAL,
          nick VARCHAR(20) UNIQUE,
          balance DECIMAL(10,2),
          PRIMARY KEY (school_id, number),
          FOREIGN KEY (school_id, buddy) REFERENCES pupils (school_id, number) ON DELETE SET NULL);
        CREATE VIEW everyone AS SELECT * FROM pupils;
        CREATE INDEX pupils_joined ON pupils (joined);
        CREATE TRIGGER shy AFTER DELETE ON pupils BEGIN SELECT 1; END;
        CREATE VIRTUAL TABLE notes USING fts5(body);
        INSERT INTO schools VALUES (1, 'Ås');
        """;

    [Fact]
    public async Task Catalogue_OfALiveDatabase_TellsKeysTypesAndViews()
    {
        using var file = new SqliteFile(School);

        var catalogue = await file.Source.ReadCatalogueAsync(CancellationToken.None);

        Assert.Equal(["everyone", "notes", "pupils", "schools"], catalogue.Tables.Select(table => table.Name));
        Assert.True(catalogue.Find("everyone")!.IsView);
        var pupils = catalogue.Find("PUPILS")!;
        Assert.Equal(["school_id", "number"], pupils.PrimaryKey);
        Assert.Equal(
            ["school_id -> schools(id)", "school_id, buddy -> pupils(school_id, number)"],
            pupils.ForeignKeys.Select(link => link.ToString())
        );
        Assert.Equal("SET NULL", pupils.ForeignKeys[1].OnDelete);
        Assert.Equal(
            [
                ColumnKind.Integer,
                ColumnKind.Integer,
                ColumnKind.Integer,
                ColumnKind.Date,
                ColumnKind.Text,
                ColumnKind.Text,
                ColumnKind.Decimal,
            ],
            pupils.Columns.Select(column => column.Kind)
        );
        Assert.True(pupils.Find("shout")!.Generated);
        Assert.False(pupils.Find("number")!.Nullable);
        Assert.Contains(pupils.UniqueKeys, key => key.SequenceEqual(["nick"]));
        Assert.Equal(["shy"], pupils.Triggers);
        Assert.Equal(2, pupils.Companions.Count);
    }

    [Fact]
    public async Task OpenRead_WhileOthersWrite_KeepsItsSnapshot()
    {
        using var file = new SqliteFile(School);
        await using var connection = await file.Source.OpenReadAsync(CancellationToken.None);

        file.Run("INSERT INTO schools VALUES (2, 'Bø')");

        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM schools";
        Assert.Equal(1L, await command.ExecuteScalarAsync());
        Assert.Equal(2L, file.Count("SELECT count(*) FROM schools"));
    }

    [Fact]
    public async Task OpenRead_OfAMissingFile_NamesTheSystem()
    {
        var source = new SqliteSource("lms", "Data Source=/nowhere/lms.db");

        var fault = await Assert.ThrowsAsync<SourceUnreachableException>(() =>
            source.OpenReadAsync(CancellationToken.None)
        );

        Assert.Equal("lms", fault.System);
    }

    [Fact]
    public async Task OpenWrite_Always_EnforcesForeignKeysAndOverwritesWhatIsDeleted()
    {
        using var file = new SqliteFile(School);
        await using var connection = await file.Source.OpenWriteAsync(CancellationToken.None);
        await using var command = connection.CreateCommand();

        command.CommandText =
            "SELECT (SELECT foreign_keys FROM pragma_foreign_keys) || (SELECT secure_delete FROM pragma_secure_delete)";

        Assert.Equal("11", await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Snapshot_OfADatabaseWithALog_ShowsOneMomentToAllItsReaders()
    {
        using var file = new SqliteFile(
            "PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1);"
        );

        await using var snapshot = (await file.Source.HoldSnapshotAsync([], CancellationToken.None))!;
        file.Run("INSERT INTO t VALUES (2)");

        var lent = new List<System.Data.Common.DbConnection>();
        while (await snapshot.OpenReadAsync(CancellationToken.None) is { } reader)
        {
            lent.Add(reader);
            Assert.Equal(1L, await CountAsync(reader));
        }

        Assert.True(lent.Count >= 4, $"{lent.Count} readers");
        // One that comes back is lent again, one whose transaction has ended is not.
        await lent[0].DisposeAsync();
        await lent[0].DisposeAsync();
        await using (var again = await snapshot.OpenReadAsync(CancellationToken.None))
        {
            Assert.Equal(1L, await CountAsync(again!));
            Assert.Null(await snapshot.OpenReadAsync(CancellationToken.None));
        }

        await using (var command = lent[1].CreateCommand())
        {
            command.CommandText = "ROLLBACK";
            await command.ExecuteNonQueryAsync();
        }

        await lent[1].DisposeAsync();
        await using var last = await snapshot.OpenReadAsync(CancellationToken.None);
        Assert.NotNull(last);
        Assert.Null(await snapshot.OpenReadAsync(CancellationToken.None));
        foreach (var reader in lent[2..])
        {
            await reader.DisposeAsync();
        }

        Assert.Equal(2, file.Count("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task Snapshot_WithoutALog_IsNotHeldAndKeepsNobodyOut()
    {
        using var file = new SqliteFile("CREATE TABLE t (id INTEGER PRIMARY KEY)");

        Assert.Null(await file.Source.HoldSnapshotAsync([], CancellationToken.None));

        file.Run("INSERT INTO t VALUES (1)");
    }

    private static async Task<long> CountAsync(System.Data.Common.DbConnection connection)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM t";
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
