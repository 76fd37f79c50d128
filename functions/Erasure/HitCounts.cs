namespace Portability.Erasure;

/// <summary>How often each probe of one portion was found, by place. Goes to a sealed file in between, so that it never outgrows memory.</summary>
internal sealed class HitCounts
{
    /// <summary>Some 10 MB.</summary>
    public const int Most = 200_000;

    private readonly Dictionary<(int Probe, int Place), long> counts = [];
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly List<string> places = [];

    public int Count => counts.Count;

    public void Add(int probe, string place, long more = 1)
    {
        var at = (probe, NumberOf(place));
        counts[at] = counts.GetValueOrDefault(at) + more;
    }

    public long Of(int probe, string place) =>
        numbers.TryGetValue(place, out var number) ? counts.GetValueOrDefault((probe, number)) : 0;

    public IEnumerable<(int Probe, string Place, long Count)> All() =>
        counts.Select(entry => (entry.Key.Probe, places[entry.Key.Place], entry.Value));

    public void Clear() => counts.Clear();

    /// <summary>Writes the counts of a portion.</summary>
    public async Task WriteAsync(ISealTarget target, int portion, CancellationToken cancellationToken)
    {
        foreach (var (probe, place, count) in All())
        {
            await target.WriteAsync(
                new(RowFate.Delete, 0, [(long)portion, (long)probe, place, count]),
                cancellationToken
            );
        }
    }

    /// <summary>Adds a row that <see cref="WriteAsync"/> wrote.</summary>
    public void Add(SealedRow row) => Add((int)(long)row.Values[1]!, (string)row.Values[2]!, (long)row.Values[3]!);

    public static int PortionOf(SealedRow row) => (int)(long)row.Values[0]!;

    private int NumberOf(string place)
    {
        if (!numbers.TryGetValue(place, out var number))
        {
            numbers[place] = number = places.Count;
            places.Add(place);
        }
        return number;
    }
}
