using System.Globalization;
using System.IO.Compression;
using Portability.DataMap.OneRoster;
using Portability.Exports.Rows;

namespace Portability.Exports.Formats.Roster;

/// <summary>
/// A customer's rows as a OneRoster 1.2 exchange of the kind "bulk": a ZIP of CSV files, written as the rows come. A file that would have
/// no rows is left out, as the standard asks; so <c>manifest.csv</c>, which says which files there are, comes last.
/// </summary>
internal sealed class RosterContent : IFileContent
{
    /// <summary>How values are written, for the manifest of an export that has such a file.</summary>
    public const string Note =
        "OneRoster: a ZIP of CSV files as OneRoster 1.2 describes them, a complete (bulk) exchange. No apostrophe guards against "
        + "formulas there: do not open these files in a spreadsheet. Line breaks became spaces. Characters that an id must not have are "
        + "written as an underscore and two hexadecimal digits for each byte.";

    private readonly ContentInput _input;
    private readonly ScopedRoster _roster;
    private readonly string _requestedOn;
    private readonly IEnumerator<bool> _steps;
    private RowBuffer? _output;
    private bool _ended;

    public RosterContent(ContentInput input, ScopedRoster roster)
    {
        (_input, _roster) = (input, roster);
        _requestedOn = input.Order.RequestedAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        _steps = WriteAll().GetEnumerator();
    }

    public long Rows { get; private set; }

    public DateTimeOffset Snapshot => _input.Snapshot;

    public ValueTask<bool> FillAsync(RowBuffer output, CancellationToken cancellationToken)
    {
        _output = output;
        _ended = !_steps.MoveNext();
        return ValueTask.FromResult(!_ended);
    }

    public async ValueTask DisposeAsync()
    {
        using var nowhere = new RowBuffer();
        // An archive that is left in the middle writes its end all the same.
        _output = nowhere;
        _steps.Dispose();
        await _input.Connection.DisposeAsync();
    }

    private IEnumerable<bool> WriteAll()
    {
        using var archive = new ZipArchive(new PieceStream(() => _output!), ZipArchiveMode.Create, leaveOpen: true);
        var present = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in OneRosterStandard.Files)
        {
            var sources = _roster.Sources.Where(source => source.Map.File == file).ToList();
            foreach (var full in WriteFile(archive, file, sources, present))
            {
                yield return full;
            }
        }

        WriteManifest(archive, present);
    }

    private IEnumerable<bool> WriteFile(
        ZipArchive archive,
        RosterFile file,
        List<ScopedRosterSource> sources,
        HashSet<string> present
    )
    {
        Stream? output = null;
        try
        {
            foreach (var source in sources)
            {
                using var rows = source.Rows is { } wanted ? _input.Open(_input.Queries.Joined(wanted)) : null;
                var row = new RosterRow(source, rows, _requestedOn);
                while (rows?.Read() ?? row.Number == 0)
                {
                    row.Number++;
                    if (!row.IsWanted)
                    {
                        continue;
                    }

                    output ??= Begin(archive, file, present);
                    RosterCsv.Write(output, Values(source, row));
                    Rows++;
                    if (_output!.IsFull)
                    {
                        yield return true;
                    }
                }
            }
        }
        finally
        {
            output?.Dispose();
        }
    }

    private Stream Begin(ZipArchive archive, RosterFile file, HashSet<string> present)
    {
        present.Add(file.Name);
        var output = Open(archive, $"{file.Name}.csv");
        RosterCsv.Write(output, file.Headers);
        return output;
    }

    private static IEnumerable<string?> Values(ScopedRosterSource source, RosterRow row)
    {
        yield return row.Text(RosterFile.SourcedId, source.Id);
        foreach (var _ in RosterFile.Empty)
        {
            yield return null;
        }

        for (var i = 0; i < source.Columns.Count; i++)
        {
            yield return row.Text(source.Map.File.Fields[i], source.Columns[i]);
        }
    }

    private void WriteManifest(ZipArchive archive, HashSet<string> present)
    {
        using var output = Open(archive, "manifest.csv");
        RosterCsv.Write(output, ["propertyName", "value"]);
        RosterCsv.Write(output, ["manifest.version", OneRosterStandard.ManifestVersion]);
        RosterCsv.Write(output, ["oneroster.version", OneRosterStandard.Version]);
        foreach (var file in OneRosterStandard.Files)
        {
            RosterCsv.Write(output, [$"file.{file.Name}", present.Contains(file.Name) ? "bulk" : "absent"]);
        }

        if (_roster.Map.SystemName is { } system)
        {
            RosterCsv.Write(output, ["source.systemName", system]);
        }
    }

    private Stream Open(ZipArchive archive, string name)
    {
        var entry = archive.CreateEntry(name, CompressionLevel.Fastest);
        // The same data gives the same bytes, whenever it is written.
        entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return entry.Open();
    }
}
