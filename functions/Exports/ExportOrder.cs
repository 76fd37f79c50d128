namespace Portability.Exports;

/// <summary>Names one export: the <paramref name="Number"/>th (from 1) of a case.</summary>
public sealed record ExportRef(string CaseId, int Number);

/// <summary>What was asked for. Stored in the plan, so that every attempt works from the same words.</summary>
public sealed record ExportOrder
{
    public required string CaseId { get; init; }

    public required int Number { get; init; }

    /// <summary>The value of the data map's tenant column.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Language of the README: <c>en</c>, <c>sv</c> or <c>nb</c> (a region suffix is ignored; others get English).</summary>
    public string Locale { get; init; } = "en";

    /// <summary>Categories of the data map to export; empty means all.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Formats to write (see <see cref="ExportFormats"/>); empty means all, without the ZIP.</summary>
    public IReadOnlyList<string> Formats { get; init; } = [];

    public required DateTimeOffset RequestedAt { get; init; }

    internal ExportRef Reference => new(CaseId, Number);

    /// <summary>Whether files of a format are wanted.</summary>
    internal bool Wants(string format) => Formats.Contains(format) || Formats.All(asked => asked == ExportFormats.Zip);

    /// <summary>Whether one ZIP of everything was asked for; it is never made unasked.</summary>
    internal bool WantsBundle => Formats.Contains(ExportFormats.Zip);
}

/// <summary>Names of the formats as they appear in data maps, orders, plans and manifests.</summary>
public static class ExportFormats
{
    public const string Csv = "csv";
    public const string Xlsx = "xlsx";
    public const string Json = "json";
    public const string Ndjson = "ndjson";
    public const string Xml = "xml";
    public const string Pdf = "pdf";
    public const string Docx = "docx";
    public const string Sql = "sql";
    public const string Parquet = "parquet";
    public const string Media = "media";
    public const string OneRoster = "oneroster";

    /// <summary>No format of a file: everything that was asked for as one ZIP, too. Alone, it means all formats and the ZIP.</summary>
    public const string Zip = "zip";

    /// <summary>All that an export can be asked for.</summary>
    public static IReadOnlyList<string> All { get; } =
    [.. Formats.RowFormats.All.Select(format => format.Name), Sql, Media, OneRoster, Zip];
}
