using Portability.Cli.Maps.Draft;
using Portability.DataMap;
using Portability.Tests.Sources;

namespace Portability.Tests.Cli;

public sealed class MapDraftTests : IDisposable
{
    private const string Schema = """
        CREATE TABLE schools (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE teachers (id INTEGER PRIMARY KEY, school_id INTEGER NOT NULL REFERENCES schools, api_key TEXT);
        CREATE TABLE courses (id INTEGER PRIMARY KEY, school_id INTEGER NOT NULL REFERENCES schools, teacher_id INTEGER REFERENCES teachers);
        CREATE TABLE lessons (id INTEGER PRIMARY KEY, course_id INTEGER REFERENCES courses);
        CREATE TABLE visit_log (at TEXT, teacher_id INTEGER NOT NULL REFERENCES teachers);
        CREATE TABLE invoices (id INTEGER PRIMARY KEY, school_id INTEGER NOT NULL REFERENCES schools, issued_on TEXT);
        CREATE TABLE students (id INTEGER PRIMARY KEY, schoolid INTEGER);
        CREATE TABLE user_courses (id INTEGER PRIMARY KEY, course_id INTEGER NOT NULL REFERENCES courses);
        CREATE TABLE __EFMigrationsHistory (MigrationId TEXT PRIMARY KEY);
        CREATE VIEW teacher_names AS SELECT id FROM teachers;
        """;

    private readonly SqliteFile file = new(Schema);

    private string[] Arguments(params string[] more) =>
        [
            "map",
            "draft",
            "--provider",
            "sqlite",
            "--connection",
            $"School-Db={file.ConnectionString}",
            "--tenant-table",
            "SCHOOLS",
            .. more,
        ];

    [Fact]
    public async Task Draft_OfADatabase_ClassifiesWhatIsSureAndCheckNamesTheRest()
    {
        string path = Path.Combine(file.Folder, "draft.json");

        var (status, output, errors) = await Commands.RunAsync(Arguments("--out", path));
        TenantDataMap map = TenantDataMap.Load(path);
        var check = await Commands.RunAsync("map", "check", path, "--connection", $"School-Db={file.ConnectionString}");

        Assert.Equal((0, ""), (status, output));
        Assert.Equal(["courses", "teachers"], map.Tables.Select(table => table.Table).Order(StringComparer.Ordinal));
        Assert.Equal(["__EFMigrationsHistory"], map.Excluded.Select(item => item.Name));
        Assert.Equal("school-db", Assert.Single(map.Systems).Name);
        Assert.Contains("2 of 8 tables are classified.", errors, StringComparison.Ordinal);
        Assert.Equal(1, check.Status);
        Assert.Equal(
            ["invoices", "lessons", "schools", "students", "user_courses", "visit_log"],
            check
                .Errors.Split('\n')
                .Where(line => line.Contains("is not classified", StringComparison.Ordinal))
                .Select(line => line.Split('(', ')')[1])
                .Order(StringComparer.Ordinal)
        );
        Assert.Contains("the column 'api_key' looks like a secret", check.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("courses", "{ \"table\": \"courses\", \"category\": \"courseData\", \"erase\": \"delete\" }")]
    [InlineData("invoices", "\"erase\": { \"retain\": \"…\", \"anchor\": \"issued_on\" }")]
    [InlineData(
        "students",
        "\"references\": [{ \"columns\": \"schoolid\", \"table\": \"schools\", \"to\": \"id\" }], \"erase\": \"delete\""
    )]
    [InlineData("lessons", "rows whose course_id -> courses(id) is null would belong to no customer and stay")]
    [InlineData("visit_log", "it has no primary key")]
    [InlineData("user_courses", "its name does not tell the category")]
    [InlineData("teachers", "SECRET? teachers: api_key.")]
    [InlineData("schools", "{ \"tombstone\": [] }")]
    public async Task Draft_OfATable_SaysWhatItKnowsAndWhatIsInDoubt(string table, string expected)
    {
        var (_, output, _) = await Commands.RunAsync(Arguments());

        Assert.Contains(
            output.Split('\n'),
            line => line.Contains(table, StringComparison.Ordinal) && line.Contains(expected, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Draft_OverAFileThatExists_IsRefused()
    {
        string path = Path.Combine(file.Folder, "mine.json");
        await File.WriteAllTextAsync(path, "mine");

        var (status, _, errors) = await Commands.RunAsync(Arguments("--out", path));

        Assert.Equal(2, status);
        Assert.Contains("never written over", errors, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(path));
    }

    [Theory]
    [InlineData("--tenant-table", "nobody", "It has: __EFMigrationsHistory, courses")]
    [InlineData("--tenant-table", "teacher_names", "has no table 'teacher_names'")]
    [InlineData("--tenant-column", "nothing", "has no column 'nothing'")]
    [InlineData("--connection", "Other=Data Source=x.db", "Name one database")]
    public async Task Draft_OfWhatIsNotThere_IsNotDone(string option, string value, string message)
    {
        string[] arguments = Arguments();
        int at = Array.IndexOf(arguments, option);
        string[] changed =
            option == "--tenant-table"
                ? [.. arguments[..(at + 1)], value, .. arguments[(at + 2)..]]
                : [.. arguments, option, value];

        var (status, _, errors) = await Commands.RunAsync(changed);

        Assert.Equal(2, status);
        Assert.Contains(message, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("users", TableNames.People)]
    [InlineData("QuizAttempts", TableNames.Courses)]
    [InlineData("mdl_course_modules", TableNames.Courses)]
    [InlineData("visit_log", TableNames.Usage)]
    [InlineData("user_courses", null)]
    [InlineData("things", null)]
    [InlineData("userland", null)]
    public void Category_IsGuessed_OnlyWhereTheWordsAgree(string table, string? category) =>
        Assert.Equal(category, TableNames.CategoryOf(table));

    public void Dispose() => file.Dispose();
}
