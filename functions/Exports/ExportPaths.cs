using System.Text.Json;
using Portability.Exports.Formats;
using Portability.Storage;

namespace Portability.Exports;

/// <summary>Where things are in the container of export files, and how they are labelled.</summary>
internal static class ExportPaths
{
    public const string Manifest = "manifest.json";
    public const string Checksums = "SHA256SUMS";
    public const string Readme = "README.txt";
    public const string Bundle = "export.zip";
    public const string BundleHash = "export.zip.sha256";

    /// <summary>Paths that no file of the data may take.</summary>
    public static IReadOnlyList<string> Own { get; } = [Manifest, Checksums, Readme, Bundle, BundleHash];

    public static string Folder(ExportRef export) => ExportStore.Folder(export.CaseId, export.Number);

    public static string Plan(ExportRef export) => Folder(export) + "plan.json";

    /// <summary>The blob of a file that the customer gets, by its path inside the export.</summary>
    public static string Blob(ExportRef export, string path) =>
        Folder(export) + (Own.Contains(path) ? path : "files/" + path);

    public static string ContentType(string format) =>
        format switch
        {
            ExportFormats.Sql => "application/sql; charset=utf-8",
            ExportFormats.OneRoster or ExportFormats.Zip => "application/zip",
            "text" => "text/plain; charset=utf-8",
            // Media might be a page with a script: it is downloaded, never shown by the storage address.
            _ => RowFormats.Find(format)?.ContentType ?? "application/octet-stream",
        };

    public static JsonSerializerOptions PlanOptions { get; } = new(JsonSerializerDefaults.Web);
}
