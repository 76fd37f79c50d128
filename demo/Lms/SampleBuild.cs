using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Portability.Demo.Lms;

/// <summary>What all parts of the sample share while it is made.</summary>
internal sealed class SampleBuild(
    SqliteConnection connection,
    int seed,
    DateOnly anchor,
    SampleShape shape,
    IReadOnlyList<SampleCustomer> customers
)
{
    private readonly DateTime midnight = anchor.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);

    public int Seed => seed;

    /// <summary>The day that all other dates are told from.</summary>
    public DateOnly Anchor => anchor;

    public SampleShape Shape => shape;

    public IReadOnlyList<SampleCustomer> Customers => customers;

    public SampleText Text { get; } = new(seed);

    /// <summary>Rows written so far, of all tables.</summary>
    public long Rows { get; private set; }

    public SampleRandom Random(string stream) => new(seed, stream);

    /// <summary>Writes rows of one table; counted when <paramref name="write"/> returns.</summary>
    public void Table(string table, string columns, Action<RowWriter, SampleRandom> write)
    {
        using RowWriter rows = new(connection, table, columns);
        write(rows, Random(table));
        Rows += rows.Written;
    }

    /// <summary>An instant so many days before the anchor, at some second of that day.</summary>
    public string Instant(SampleRandom random, int daysAgo) => Instant(daysAgo, random.Next(86_400));

    public string Instant(int daysAgo, int second) =>
        midnight
            .AddDays(-daysAgo)
            .AddSeconds(second)
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A date so many days before the anchor (after it when negative).</summary>
    public string Date(int daysAgo) => Date(anchor.AddDays(-daysAgo));

    public static string Date(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>An exact decimal with two places, from hundredths.</summary>
    public static string Decimal(long hundredths) =>
        string.Create(CultureInfo.InvariantCulture, $"{hundredths / 100}.{hundredths % 100:00}");
}
