using System.Globalization;
using System.Text.RegularExpressions;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Validation;
using Microsoft.Data.Sqlite;
using Portability.DataMap;
using Portability.Exports;
using Portability.Tests.Documents;

namespace Portability.Tests.Exports;

/// <summary>Reports and certificates, read back by poppler, mammoth and Microsoft's validator.</summary>
[Collection(ExportTests.Name)]
public sealed class ReportTests(ExportHouse house)
{
    [Fact]
    public async Task Certificates_OfTheSampleLms_HaveAPageEachWithTheValuesOfTheirRows()
    {
        await using var exporter = house.SampleExporter();
        var order = house.Order() with { Formats = [ExportFormats.Pdf, ExportFormats.Docx] };
        var (_, folder) = await house.ExportAsync(exporter, order);

        var expected = Ask(
            """
            SELECT c.certificate_number, c.holder_name, k.title, e.title FROM certificates c JOIN users u ON u.id = c.user_id
            JOIN organisations o ON o.id = u.organisation_id AND o.customer_id = $customer
            JOIN completions p ON p.id = c.completion_id JOIN enrolments r ON r.id = p.enrolment_id
            JOIN courses e ON e.id = r.course_id JOIN certificates k ON k.id = c.id ORDER BY c.id
            """,
            house.Lms.Leaving.CustomerId
        );
        var pages = await PagesAsync(Path.Combine(folder, "reports", "course-certificates.pdf"));
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Count, pages.Length);
        var word = Spaceless(await Docx.TextAsync(Path.Combine(folder, "reports", "course-certificates.docx")));
        for (var i = 0; i < pages.Length; i++)
        {
            Assert.All(expected[i], value => Assert.Contains(Spaceless(value), Spaceless(pages[i])));
            Assert.All(expected[i], value => Assert.Contains(Spaceless(value), word));
            Assert.Contains($"Sida {i + 1} av {pages.Length}", pages[i]);
        }
    }

    [Fact]
    public async Task Report_WithRelatedRows_HasEachRowUnderItsOwnPage()
    {
        var (_, folder) = await ExportAsync(Map("pdf", "docx"));
        var pages = await PagesAsync(Path.Combine(folder, "reports", "order-pages.pdf"));
        Assert.Equal(3, pages.Length);
        Assert.Matches(@"Order \{1\} of Ann Ön[\s\S]*Article +Price[\s\S]*Axe +10[\s\S]*Bow +-1.5", pages[0]);
        Assert.DoesNotContain("Cup", pages[0]);
        Assert.Contains("Order {2} of", pages[1]);
        Assert.Contains("Paid: No", pages[1]);
        Assert.DoesNotMatch("Axe|Bow|Cup", pages[1]);
        Assert.Matches("Paid: Yes[\\s\\S]*Cup +12345678901.25", pages[2]);
        var text = await Docx.TextAsync(Path.Combine(folder, "reports", "order-pages.docx"));
        Assert.Contains("Order {1} of Ann Ön", text);
        Assert.Contains("Cup", text);
    }

    [Fact]
    public async Task Report_OverARelation_NeverHoldsAnotherTenantsRows()
    {
        // The neighbour's customer is referred to by an order of ours: its name is not ours to give.
        var (_, folder) = await ExportAsync(Map("pdf"), "UPDATE orders SET customer = 9 WHERE id = 1");
        var text = string.Join('\n', await PagesAsync(Path.Combine(folder, "reports", "order-pages.pdf")));
        Assert.DoesNotContain("Neighbour", text);
        Assert.Contains("Order {1} of", text);
    }

    [Fact]
    public async Task Table_AsPdfAndWord_HasEveryValueOfItsRows()
    {
        var (_, folder) = await ExportAsync(Map("pdf", "docx"));
        var pdf = string.Join('\n', await PagesAsync(Path.Combine(folder, "pdf", "articles.pdf")));
        var path = Path.Combine(folder, "docx", "articles.docx");
        using (var word = WordprocessingDocument.Open(path, isEditable: false))
        {
            Assert.Empty(new OpenXmlValidator().Validate(word).Select(error => error.Description));
        }

        foreach (var text in new[] { Spaceless(pdf), Spaceless(await Docx.TextAsync(path)) })
        {
            Assert.Contains("=1+1\"quoted\"<b>", text);
            Assert.Contains("漢字🦊ŁódźÞór", text);
            Assert.Contains("3bytesofbinarydata", text);
            Assert.Contains("12345678901.25", text);
            Assert.DoesNotContain("Neighbourly", text);
        }
    }

    [Fact]
    public async Task Report_OfATextWithNul_IsRefusedByName()
    {
        var fault = await Assert.ThrowsAsync<UnwritableValueException>(() =>
            ExportAsync(Map("pdf"), "UPDATE articles SET name = 'a' || char(0) || 'b' WHERE id = 2")
        );
        Assert.Equal(("articles", "name"), (fault.Table, fault.Column));
    }

    [Fact]
    public async Task Report_WrittenTwice_HasTheSameBytes()
    {
        var (first, _) = await ExportAsync(Map("pdf", "docx"));
        var (second, _) = await ExportAsync(Map("pdf", "docx"));
        Assert.Equal(first.Select(file => file.Sha256), second.Select(file => file.Sha256));
    }

    [Theory]
    [InlineData("{secret}", "'secret' is no exported column")]
    [InlineData("{buyer.nothing}", "'buyer.nothing' is no exported column")]
    [InlineData("{nobody.name}", "'nobody.name' is no exported column")]
    [InlineData("{open", "a brace without its partner")]
    public async Task Template_ThatNamesWhatIsNotThere_IsRefusedWithPlaceAndMend(string line, string message)
    {
        var fault = await Assert.ThrowsAsync<DataMapException>(() =>
            ExportAsync(Map("pdf").Replace("{{{id}}} of", line, StringComparison.Ordinal))
        );
        var problem = Assert.Single(fault.Problems);
        Assert.Contains(message, problem.Message);
        Assert.Contains("templates[0].page[0]", problem.Place.JsonPath);
    }

    private const string Schema = """
        CREATE TABLE shops (code TEXT PRIMARY KEY);
        CREATE TABLE customers (id INTEGER PRIMARY KEY, shop TEXT NOT NULL REFERENCES shops, name TEXT, secret TEXT);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, shop TEXT NOT NULL REFERENCES shops, customer INTEGER REFERENCES customers, paid BOOLEAN, secret TEXT);
        CREATE TABLE articles (id INTEGER PRIMARY KEY, shop TEXT NOT NULL REFERENCES shops, name TEXT, price DECIMAL(20,2), picture BLOB, weight REAL);
        CREATE TABLE lines (order_id INTEGER NOT NULL REFERENCES orders, n INTEGER NOT NULL, article INTEGER REFERENCES articles, PRIMARY KEY (order_id, n));
        INSERT INTO shops VALUES ('mine'), ('other');
        INSERT INTO customers VALUES (1, 'mine', 'Ann Ön', 'x'), (9, 'other', 'Neighbour', 'y');
        INSERT INTO orders VALUES (1, 'mine', 1, 1, 's'), (2, 'mine', NULL, 0, 's'), (3, 'mine', 1, 1, 's'), (9, 'other', 9, 1, 's');
        INSERT INTO articles VALUES (1, 'mine', 'Axe', 10, NULL, 1e300), (2, 'mine', 'Bow', '-1.5', x'010203', 0.1), (3, 'mine', 'Cup', 12345678901.25, NULL, NULL),
          (4, 'mine', '=1+1 "quoted" <b>', NULL, NULL, NULL), (5, 'mine', '漢字 🦊 Łódź Þór', NULL, NULL, NULL), (9, 'other', 'Neighbourly', 1, NULL, NULL);
        INSERT INTO lines VALUES (1, 1, 1), (1, 2, 2), (3, 1, 3), (9, 1, 9);
        """;

    private static string Map(params string[] formats)
    {
        var list = string.Join(", ", formats.Select(format => $"\"{format}\""));
        return """
            {
              "systems": [{ "name": "shop", "kind": "sql", "provider": "sqlite", "connection": "Shop", "tenant": { "table": "shops", "column": "code" } }],
              "categories": { "all": "All" },
              "datasets": [
                { "table": "shops", "category": "all", "erase": "delete" },
                { "table": "customers", "category": "all", "exclude": { "secret": "Not theirs" }, "erase": "delete" },
                { "table": "orders", "category": "all", "via": "shop", "exclude": { "secret": "Not theirs" }, "erase": "delete" },
                { "table": "articles", "category": "all", "formats": [FORMATS], "erase": "delete" },
                { "table": "lines", "category": "all", "via": "order_id", "erase": "delete" }
              ],
              "templates": [
                { "name": "order-pages", "category": "all", "formats": [FORMATS], "title": "All orders", "root": "orders",
                  "include": [{ "dataset": "customers", "as": "buyer" }],
                  "page": ["# Order {{{id}}} of {buyer.name}", "Paid: {paid}"],
                  "rows": { "dataset": "lines", "include": [{ "dataset": "articles", "as": "article" }] },
                  "columns": [{ "column": "article.name", "title": "Article" }, { "column": "article.price", "title": "Price" }] },
                { "name": "paid", "category": "all", "formats": [FORMATS], "title": "Paid", "root": "orders", "columns": ["id", "paid"] }
              ]
            }
            """.Replace("FORMATS", list, StringComparison.Ordinal);
    }

    private async Task<(IReadOnlyList<WrittenFile> Files, string Folder)> ExportAsync(string map, string? change = null)
    {
        var folder = house.Folder.CreateSubdirectory($"shop-{Guid.NewGuid():N}").FullName;
        var database = Path.Combine(folder, "shop.db");
        await Tool.RunAsync("sqlite3", [database, Schema + change]);
        var path = Path.Combine(folder, "datamap.json");
        await File.WriteAllTextAsync(path, map);
        await using var exporter = house.Exporter(
            TenantDataMap.Load(path),
            new() { ["Shop"] = $"Data Source={database}" }
        );
        var order = house.Order("mine") with
        {
            CaseId = $"case-{Guid.NewGuid():N}",
            Locale = "en",
            Formats = [ExportFormats.Pdf, ExportFormats.Docx],
        };
        var plan = await exporter.PlanAsync(order, default);
        var files = await ExportHouse.WriteAllAsync(exporter, plan);
        await exporter.CompleteAsync(new ExportRef(order.CaseId, 1), default);
        return (files, await house.DownloadAsync(new ExportRef(order.CaseId, 1)));
    }

    private List<string[]> Ask(string sql, string customer)
    {
        using var connection = new SqliteConnection(house.Lms.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$customer", customer);
        using var reader = command.ExecuteReader();
        var rows = new List<string[]>();
        while (reader.Read())
        {
            rows.Add([
                .. Enumerable
                    .Range(0, reader.FieldCount)
                    .Select(i => Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture)!),
            ]);
        }

        return rows;
    }

    private static async Task<string[]> PagesAsync(string path) =>
        (await Tool.RunAsync("pdftotext", ["-layout", "-enc", "UTF-8", path, "-"])).Split('\f')[..^1];

    /// <summary>Texts wrap where their column ends: compared without white space, and without marks of direction.</summary>
    private static string Spaceless(string text) => Regex.Replace(text, "[\\s\u202A-\u202E]", "");
}
