using System.Text.Json;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Validation;
using Portability.Demo;

namespace Portability.Tests.Exports;

/// <summary>A workbook as exceljs reads it.</summary>
internal sealed record ReadWorkbook(IReadOnlyList<ReadWorkbook.Sheet> Sheets)
{
    /// <summary>Reads it, once Microsoft's validator has found nothing wrong with it.</summary>
    public static async Task<ReadWorkbook> ReadAsync(string path)
    {
        using (var document = SpreadsheetDocument.Open(path, isEditable: false))
        {
            var validator = new OpenXmlValidator(DocumentFormat.OpenXml.FileFormatVersions.Microsoft365);
            Assert.Empty(validator.Validate(document).Select(error => $"{error.Path?.XPath}: {error.Description}"));
        }

        var script = Checkout.Find(Path.Combine("tests", "Readers", "xlsx.mjs"))!;
        var json = await Tool.RunAsync("node", [script, path]);
        return new ReadWorkbook(JsonSerializer.Deserialize<List<Sheet>>(json, JsonSerializerOptions.Web)!);
    }

    /// <summary>Cells of the first sheet by column name, without the header.</summary>
    public IReadOnlyList<Dictionary<string, SheetCell>> Rows => Sheets[0].ByName();

    internal sealed record Sheet(string Name, int Frozen, bool Bold, IReadOnlyList<IReadOnlyList<JsonElement[]>> Rows)
    {
        public IReadOnlyList<Dictionary<string, SheetCell>> ByName()
        {
            var names = Rows[0].Select(cell => cell[1].GetString()!).ToList();
            return
            [
                .. Rows.Skip(1)
                    .Select(row =>
                        row.Select((cell, i) => (Name: names[i], Cell: SheetCell.Of(cell)))
                            .ToDictionary(pair => pair.Name, pair => pair.Cell)
                    ),
            ];
        }
    }
}

/// <summary>A value with its type: null, string, number, boolean or date.</summary>
internal sealed record SheetCell(string Type, string? Value, string Format)
{
    public static SheetCell Of(JsonElement[] parts) =>
        new(
            parts[0].GetString()!,
            parts[1].ValueKind == JsonValueKind.Null ? null : parts[1].ToString(),
            parts[2].GetString()!
        );
}
