using System.Globalization;
using System.Text.Json.Nodes;

namespace Portability.Demo.Tour;

/// <summary>What is left in the LMS after the erasure, held against the certificate and the neighbour's digest.</summary>
internal sealed class Aftermath(SampleCustomer leaving, SampleCustomer staying, Promises promises, TourScreen screen)
{
    public void Neighbour(Snapshot before, Snapshot after)
    {
        string[] changed =
        [
            .. before
                .Staying.Tables.Where(table => after.Staying.Tables[table.Key] != table.Value)
                .Select(table => table.Key),
        ];
        promises.Expect(
            $"every row of {staying.Name} is unchanged: digest {before.Staying.Sha256[..16]}… before and after",
            changed.Length == 0 && before.Staying.Sha256 == after.Staying.Sha256,
            string.Join(", ", changed)
        );
        promises.ExpectEqual("what both share is unchanged", before.Shared.Sha256, after.Shared.Sha256);
        promises.ExpectEqual($"the media of {staying.Name} are all there", before.StayingBlobs, after.StayingBlobs);
    }

    /// <summary>Prints the table of what is left, and expects each remaining row to be one that the certificate names.</summary>
    public void Leaver(Snapshot before, Snapshot after, JsonNode certificate)
    {
        promises.ExpectEqual($"no media file of {leaving.Name} is left", 0, after.LeavingBlobs);
        Dictionary<string, Named> named = Named.Read(
            certificate,
            TimeZoneInfo.FindSystemTimeZoneById(leaving.TimeZone)
        );
        screen.Table(
            ["table", $"{leaving.CustomerId} before", "left", $"{staying.CustomerId} before", "left", "why"],
            before.Leaving.Tables.Keys.Select(table =>
                (string[])
                    [
                        table,
                        Count(before.Leaving.Tables[table].Rows),
                        Count(after.Leaving.Tables[table].Rows),
                        Count(before.Staying.Tables[table].Rows),
                        Count(after.Staying.Tables[table].Rows),
                        after.Leaving.Tables[table].Rows == 0 ? "" : named.GetValueOrDefault(table)?.Why ?? "NOT NAMED",
                    ]
            )
        );
        string[] wrong =
        [
            .. after
                .Leaving.Tables.Where(table => table.Value.Rows != (named.GetValueOrDefault(table.Key)?.Rows ?? 0))
                .Select(table =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{table.Key}: {table.Value.Rows} left, {named.GetValueOrDefault(table.Key)?.Rows ?? 0} named"
                    )
                ),
        ];
        promises.Expect(
            $"of {before.Leaving.Rows:N0} rows {after.Leaving.Rows:N0} are left, each named in the certificate",
            wrong.Length == 0,
            string.Join(", ", wrong)
        );
        string status = certificate["status"]!.GetValue<string>();
        promises.Expect(
            $"the certificate says \"{status}\": nothing unproven, nothing held",
            status is "retaining" or "complete"
        );
        promises.Expect("some invoices must be kept, and are", after.Leaving.Tables["invoices"].Rows > 0);
        promises.Expect(
            "invoices whose time has run out are gone",
            after.Leaving.Tables["invoices"].Rows < before.Leaving.Tables["invoices"].Rows
        );
    }

    private static string Count(long rows) => rows.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>What the certificate says is left of one dataset.</summary>
    private sealed record Named(long Rows, string Why)
    {
        public static Dictionary<string, Named> Read(JsonNode certificate, TimeZoneInfo zone)
        {
            Dictionary<string, Named> named = new(StringComparer.Ordinal);
            foreach (JsonNode? dataset in certificate["datasets"]!.AsArray())
            {
                List<string> reasons = [];
                long rows = 0;
                void Add(long count, string why)
                {
                    rows += count;
                    if (count > 0)
                    {
                        reasons.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {why}"));
                    }
                }

                foreach (
                    IGrouping<string, JsonNode> kept in dataset!["exceptions"]!
                        .AsArray()
                        .GroupBy(rows => rows!["class"]!.GetValue<string>(), rows => rows!, StringComparer.Ordinal)
                )
                {
                    DateOnly[] days =
                    [
                        .. kept.Select(rows => Day(rows["releasesAt"]!.GetValue<DateTimeOffset>(), zone)).Order(),
                    ];
                    string until = days[0] == days[^1] ? $"{days[0]:O}" : $"{days[0]:O} to {days[^1]:O}";
                    Add(kept.Sum(rows => rows["rows"]!.GetValue<long>()), $"{kept.Key}, until {until}");
                }

                if (dataset["keptParents"] is { } parents)
                {
                    Add(
                        parents["rows"]!.GetValue<long>(),
                        $"reduced to keys, needed by {string.Join(" and ", parents["neededBy"]!.AsArray())}"
                    );
                }

                Add(dataset["held"]!.GetValue<long>(), "on hold");
                Add(dataset["anonymised"]!.GetValue<long>(), "anonymised");
                Add(dataset["tombstones"]!.GetValue<long>(), "tombstone of the closed account");
                named[dataset["dataset"]!.GetValue<string>()] = new Named(rows, string.Join(", ", reasons));
            }

            return named;
        }

        private static DateOnly Day(DateTimeOffset instant, TimeZoneInfo zone) =>
            DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).Date);
    }
}
