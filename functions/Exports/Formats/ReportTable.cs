using Portability.Documents;

namespace Portability.Exports.Formats;

/// <summary>A table of a report, whose columns are as wide as its first rows ask for.</summary>
internal sealed class ReportTable(JoinedRows rows, IReadOnlyList<string> titles)
{
    // Characters: a column is never narrower, and a long text wraps instead of pushing the others aside.
    private const int Narrowest = 5;
    private const int Widest = 40;
    private const int MostKept = 2_000_000;
    private const int PortraitRoom = 100;
    private const int LandscapeRoom = 150;

    private readonly int[] _lengths = [.. titles.Select(title => Clamp(title.Length))];

    /// <summary>As far as measured: asked for after <see cref="Sample"/>.</summary>
    public IReadOnlyList<DocumentColumn> Columns =>
        [.. titles.Select((title, i) => new DocumentColumn(title, _lengths[i] + 1.5, rows.IsNumber(i)))];

    public PaperSize Paper =>
        _lengths.Sum() switch
        {
            <= PortraitRoom => PaperSize.Portrait,
            <= LandscapeRoom => PaperSize.Landscape,
            _ => PaperSize.Wide,
        };

    public double FontSize => _lengths.Sum() > LandscapeRoom * 1.6 ? 6 : 8;

    /// <summary>The first rows, kept while their widths are measured. What they leave is <see cref="Rest"/>.</summary>
    public List<string[]> Sample(Func<bool> next, int count)
    {
        var sample = new List<string[]>();
        long kept = 0;
        // Few rows of huge texts are sample enough.
        while (sample.Count < count && kept < MostKept && next())
        {
            var row = rows.Texts();
            sample.Add(row);
            kept += row.Sum(text => (long)text.Length);
            for (var i = 0; i < row.Length; i++)
            {
                _lengths[i] = Math.Max(_lengths[i], Clamp(row[i].Length));
            }
        }

        return sample;
    }

    public IEnumerable<string[]> Rest(Func<bool> next)
    {
        while (next())
        {
            yield return rows.Texts();
        }
    }

    private static int Clamp(int length) => Math.Clamp(length, Narrowest, Widest);
}
