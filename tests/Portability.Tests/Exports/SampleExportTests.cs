using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using Microsoft.Data.Sqlite;
using Portability.Exports;

namespace Portability.Tests.Exports;

[Collection(ExportTests.Name)]
public sealed class SampleExportTests(ExportHouse house)
{
    [Fact]
    public async Task Export_OfTheSampleLms_IsReadByOtherTools()
    {
        await using var exporter = house.SampleExporter();
        var (summary, folder) = await house.ExportAsync(exporter, house.Order());

        var checks = await Tool.RunAsync("sha256sum", ["-c", "SHA256SUMS"], workingDirectory: folder);
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Length;
        Assert.Equal(files - 1, checks.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(files - 3, summary.Files);

        var database = await Tool.LoadAsync(Path.Combine(folder, "lms.sql"));
        Assert.Equal("ok", await Tool.AskAsync(database, "PRAGMA integrity_check"));
        Assert.Equal("", await Tool.AskAsync(database, "PRAGMA foreign_key_check"));

        using var manifest = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "manifest.json")));
        var counted = 0;
        foreach (var dataset in manifest.RootElement.GetProperty("datasets").EnumerateArray())
        {
            var rows = dataset.GetProperty("rows").GetInt64();
            foreach (var file in dataset.GetProperty("files").EnumerateArray())
            {
                counted++;
                var path = Path.Combine(folder, file.GetProperty("path").GetString()!);
                Assert.Equal(file.GetProperty("size").GetInt64(), new FileInfo(path).Length);
                switch (file.GetProperty("format").GetString())
                {
                    case "csv":
                        Assert.Equal(rows, CsvRows(path));
                        break;
                    case "json":
                        using (var json = JsonDocument.Parse(await File.ReadAllBytesAsync(path)))
                        {
                            Assert.Equal(rows, json.RootElement.GetArrayLength());
                        }

                        break;
                    default:
                        break;
                }
            }

            if (dataset.GetProperty("columns").GetArrayLength() > 0 && !IsReference(dataset))
            {
                var name = dataset.GetProperty("name").GetString();
                Assert.Equal($"{rows}", await Tool.AskAsync(database, $"SELECT count(*) FROM \"{name}\""));
            }
        }

        Assert.Equal(summary.Files, counted);
    }

    [Fact]
    public async Task Export_OfOneCustomer_HoldsExactlyItsRows()
    {
        await using var exporter = house.SampleExporter();
        var (_, folder) = await house.ExportAsync(exporter, house.Order());

        // All ids of a customer's rows share the parity of its organisation's id, so a foreign row would show.
        var database = await Tool.LoadAsync(Path.Combine(folder, "lms.sql"));
        var parity = house.Lms.Leaving.OrganisationId % 2;
        await using var source = new SqliteConnection($"{house.Lms.ConnectionString};Mode=ReadOnly");
        await source.OpenAsync();
        var tables = (
            await Tool.AskAsync(
                database,
                "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'id'"
                    + " AND m.name NOT IN ('catalogue_courses')"
            )
        ).Split('\n');
        Assert.True(tables.Length > 20);
        foreach (var table in tables)
        {
            Assert.Equal(
                "0",
                await Tool.AskAsync(database, $"SELECT count(*) FROM \"{table}\" WHERE id % 2 <> {parity}")
            );
            await using var count = source.CreateCommand();
            count.CommandText = $"SELECT count(*) FROM \"{table}\" WHERE id % 2 = {parity}";
            Assert.Equal(
                Convert.ToString(await count.ExecuteScalarAsync(), CultureInfo.InvariantCulture),
                await Tool.AskAsync(database, $"SELECT count(*) FROM \"{table}\"")
            );
        }

        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            foreach (var foreign in new[] { house.Lms.Staying.Name, house.Lms.Staying.ContactEmail })
            {
                Assert.True(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(foreign)) < 0, $"{file} has {foreign}");
            }
        }
    }

    [Fact]
    public async Task Export_WithSecretsExcluded_HasThemInNoFile()
    {
        await using var exporter = house.SampleExporter();
        var (_, folder) = await house.ExportAsync(exporter, house.Order());

        var header = (await File.ReadAllLinesAsync(Path.Combine(folder, "csv", "users.csv")))[0];
        Assert.Contains("email", header, StringComparison.Ordinal);
        Assert.DoesNotContain("password_hash", header, StringComparison.Ordinal);
        Assert.DoesNotContain("password_hash", await File.ReadAllTextAsync(Path.Combine(folder, "json", "users.json")));
        Assert.False(File.Exists(Path.Combine(folder, "csv", "sessions.csv")));
        var database = await Tool.LoadAsync(Path.Combine(folder, "lms.sql"));
        Assert.Equal(
            "0",
            await Tool.AskAsync(
                database,
                "SELECT count(*) FROM pragma_table_info('users') WHERE name = 'password_hash'"
            )
        );
    }

    [Fact]
    public async Task Documents_OfTheSampleLms_NestEveryRelatedRow()
    {
        await using var exporter = house.SampleExporter();
        var (_, folder) = await house.ExportAsync(exporter, house.Order());

        using var courses = JsonDocument.Parse(
            await File.ReadAllBytesAsync(Path.Combine(folder, "documents", "course-contents.json"))
        );
        var modules = courses
            .RootElement.EnumerateArray()
            .SelectMany(c => c.GetProperty("modules").EnumerateArray())
            .ToList();
        var quizzes = modules.SelectMany(m => m.GetProperty("quizzes").EnumerateArray()).ToList();
        var questions = quizzes.SelectMany(q => q.GetProperty("questions").EnumerateArray()).ToList();
        var options = questions.SelectMany(q => q.GetProperty("options").EnumerateArray()).ToList();
        Assert.Equal(CsvRows(Path.Combine(folder, "csv", "modules.csv")), modules.Count);
        Assert.Equal(CsvRows(Path.Combine(folder, "csv", "questions.csv")), questions.Count);
        Assert.Equal(CsvRows(Path.Combine(folder, "csv", "answer_options.csv")), options.Count);
        Assert.All(
            courses.RootElement.EnumerateArray(),
            course =>
                Assert.All(
                    course.GetProperty("modules").EnumerateArray(),
                    module =>
                        Assert.Equal(course.GetProperty("id").GetInt64(), module.GetProperty("course_id").GetInt64())
                )
        );
        Assert.All(
            questions,
            question =>
                Assert.All(
                    question.GetProperty("options").EnumerateArray(),
                    option =>
                        Assert.Equal(
                            question.GetProperty("id").GetInt64(),
                            option.GetProperty("question_id").GetInt64()
                        )
                )
        );
    }

    [Fact]
    public async Task Export_OfTheSameData_HasTheSameBytes()
    {
        // On one day, which the map puts into the OneRoster exchange.
        var morning = new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
        await using var exporter = house.SampleExporter();
        var first = await exporter.PlanAsync(house.Order() with { RequestedAt = morning }, default);
        house.Clock.Advance(TimeSpan.FromHours(5));
        await using var other = house.SampleExporter();
        var second = await other.PlanAsync(house.Order() with { RequestedAt = morning.AddHours(5) }, default);

        var left = await ExportHouse.WriteAllAsync(exporter, first);
        var right = await ExportHouse.WriteAllAsync(other, second);

        Assert.Equal(left.Select(file => (file.Path, file.Sha256)), right.Select(file => (file.Path, file.Sha256)));
    }

    [Fact]
    public async Task Media_OfTheSampleLms_IsCopiedByteForByteUnderItsOwnNames()
    {
        await using var exporter = house.SampleExporter();
        var order = house.Order() with { Formats = [ExportFormats.Media] };
        var plan = await exporter.PlanAsync(order, default);
        var (_, folder) = await house.ExportAsync(exporter, order);

        var files = plan.Datasets.Single().Files;
        Assert.NotEmpty(files);
        Assert.Equal(files.Count, files.Select(file => file.Path.ToUpperInvariant()).Distinct().Count());
        var container = house.Blobs.GetBlobContainerClient("lms-media");
        foreach (var file in files)
        {
            Assert.StartsWith($"{house.Lms.Leaving.CustomerId}/", file.Source, StringComparison.Ordinal);
            var source = await container.GetBlobClient(file.Source).DownloadContentAsync();
            var copy = await File.ReadAllBytesAsync(Path.Combine(folder, file.Path));
            Assert.True(source.Value.Content.ToMemory().Span.SequenceEqual(copy), file.Path);
        }
    }

    [Fact]
    public async Task Order_ForOneCategoryAndFormat_GetsThatAlone()
    {
        await using var exporter = house.SampleExporter();
        var order = house.Order() with { Categories = ["reports"], Formats = ["csv", "sql"] };
        var (_, folder) = await house.ExportAsync(exporter, order);

        Assert.True(File.Exists(Path.Combine(folder, "csv", "activity_log.csv")));
        Assert.False(File.Exists(Path.Combine(folder, "csv", "users.csv")));
        Assert.False(Directory.Exists(Path.Combine(folder, "json")));
        var database = await Tool.LoadAsync(Path.Combine(folder, "lms.sql"));
        Assert.Equal("", await Tool.AskAsync(database, "PRAGMA foreign_key_check"));
        Assert.NotEqual("0", await Tool.AskAsync(database, "SELECT count(*) FROM activity_log"));
    }

    [Theory]
    [InlineData("xls", null)]
    [InlineData(null, "secrets")]
    public async Task Order_ForSomethingUnknown_IsRefused(string? format, string? category)
    {
        await using var exporter = house.SampleExporter();
        var order = house.Order() with
        {
            Formats = format is null ? [] : [format],
            Categories = category is null ? [] : [category],
        };

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => exporter.PlanAsync(order, default));

        Assert.Contains((format ?? category)!, refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ExportGoneException>(() => exporter.ReadPlanAsync(new(order.CaseId, 1), default));
    }

    private static bool IsReference(JsonElement dataset) => dataset.GetProperty("category").GetString() == "reference";

    private static long CsvRows(string path)
    {
        using var reader = new CsvReader(new StreamReader(path), CultureInfo.InvariantCulture);
        reader.Read();
        reader.ReadHeader();
        var rows = 0;
        while (reader.Read())
        {
            rows++;
        }

        return rows;
    }
}
