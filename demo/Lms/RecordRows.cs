using System.Globalization;
using static Portability.Demo.Lms.SampleBuild;
using static Portability.Demo.Lms.SampleShape;

namespace Portability.Demo.Lms;

/// <summary>Support tickets, invoices, generated reports, usage statistics and the activity log.</summary>
internal static class RecordRows
{
    private static readonly string[] Actions =
    [
        "login",
        "course.opened",
        "material.viewed",
        "quiz.submitted",
        "export \"users\"; csv",
        "profile.changed",
    ];

    public static void Write(SampleBuild build)
    {
        Tickets(build);
        Invoices(build);
        Reports(build);
        Statistics(build);
    }

    /// <summary>Fills up to <paramref name="rows"/> rows over all tables; to be called last.</summary>
    public static void ActivityLog(SampleBuild build, int rows)
    {
        int left = (int)Math.Max(0, rows - build.Rows);
        int[] each = [left - (left * 9 / 20), left * 9 / 20];
        build.Table(
            "activity_log",
            "id organisation_id user_id action details ip_address occurred_at",
            (writer, random) =>
            {
                foreach ((int tenant, int n) in Interleave(each))
                {
                    // Oldest first, as a log is written.
                    int day = 364 - (int)((long)n * 365 / each[tenant]);
                    writer.Write(
                        Id(tenant, n),
                        tenant + 1,
                        n % 19 == 0 ? null : Id(tenant, random.Next(build.Shape.Users[tenant])),
                        random.Pick(Actions),
                        random.Chance(40) ? null : """{"ms":12,"path":"/kurser/öppna?id=7","ok":true}""",
                        random.Chance(10) ? null : PeopleRows.Address(random),
                        build.Instant(random, day)
                    );
                }
            }
        );
    }

    private static void Tickets(SampleBuild build)
    {
        int[] tickets = [.. build.Shape.Users.Select(users => Math.Max(4, users / 10))];
        build.Table(
            "support_tickets",
            "id organisation_id opened_by subject status opened_at closed_at",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(tickets))
                {
                    bool open = n % 6 == 0;
                    int day = random.Between(10, 700);
                    rows.Write(
                        Id(tenant, n),
                        tenant + 1,
                        n % 7 == 6 ? null : Id(tenant, n % build.Shape.Users[tenant]),
                        build.Text.Prose(random),
                        open ? "open" : "closed",
                        build.Instant(random, day),
                        open ? null : build.Instant(random, Math.Max(0, day - 9))
                    );
                }
            }
        );
        build.Table(
            "ticket_messages",
            "id ticket_id author_id body sent_at",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(tickets))
                {
                    for (int m = 0; m < 3; m++)
                    {
                        rows.Write(
                            Id(tenant, (n * 3) + m),
                            Id(tenant, n),
                            // Every other message is support's, which has no user here.
                            m % 2
                            == 1
                                ? null
                                : Id(tenant, n % build.Shape.Users[tenant]),
                            build.Text.Prose(random),
                            build.Instant(random, random.Between(1, 10))
                        );
                    }
                }
            }
        );
    }

    private static void Invoices(SampleBuild build)
    {
        build.Table(
            "invoices",
            "id organisation_id contract_id invoice_number issued_on due_on fiscal_year_ends_on currency net_minor vat_minor "
                + "reference paid_on",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(InvoiceQuarters))
                {
                    DateOnly issued = IssuedOn(build, n);
                    bool current = n < 12;
                    rows.Write(
                        Id(tenant, n),
                        tenant + 1,
                        Id(tenant, current ? 0 : 1),
                        string.Create(CultureInfo.InvariantCulture, $"F{tenant + 1}-{issued.Year}-{n:000}"),
                        Date(issued),
                        Date(issued.AddDays(30)),
                        Date(new DateOnly(issued.Year, 12, 31)),
                        tenant == 0 ? "SEK" : "EUR",
                        NetOf(build, tenant, n),
                        NetOf(build, tenant, n) / 4,
                        build.Text.MaybeProse(random),
                        n == 0 ? null : Date(issued.AddDays(random.Between(10, 40)))
                    );
                }
            }
        );
        build.Table(
            "invoice_lines",
            "id invoice_id line_number booked_on description quantity unit_price amount_minor",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(InvoiceQuarters))
                {
                    long net = NetOf(build, tenant, n);
                    long seats = net / 5 * 4;
                    string booked = Date(IssuedOn(build, n));
                    rows.Write(
                        Id(tenant, n * 2),
                        Id(tenant, n),
                        1,
                        booked,
                        "Licence; seats",
                        "3.000",
                        Decimal(seats / 3),
                        seats
                    );
                    rows.Write(
                        Id(tenant, (n * 2) + 1),
                        Id(tenant, n),
                        2,
                        booked,
                        build.Text.Prose(random),
                        "1.000",
                        Decimal(net - seats),
                        net - seats
                    );
                }
            }
        );
    }

    /// <summary>Eleven years of them, the latest first: some must be kept, the oldest have been kept long enough.</summary>
    private static DateOnly IssuedOn(SampleBuild build, int invoice) =>
        build.Anchor.AddMonths(-3 * invoice).AddDays(-5);

    private static long NetOf(SampleBuild build, int tenant, int invoice) =>
        new SampleRandom(
            build.Seed,
            string.Create(CultureInfo.InvariantCulture, $"invoice {tenant} {invoice}")
        ).Between(5_000, 500_000) * 60L;

    private static void Reports(SampleBuild build)
    {
        int[] reports = [.. build.Shape.Courses];
        build.Table(
            "reports",
            "id organisation_id requested_by kind title parameters summary generated_at",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(reports))
                {
                    rows.Write(
                        Id(tenant, n),
                        tenant + 1,
                        n % 3 == 2 ? null : Id(tenant, n % build.Shape.Users[tenant]),
                        n % 2 == 0 ? "completions" : "activity",
                        random.Pick(build.Text.Sentences),
                        """{"from":"2020-01-01","groupBy":["course","group"],"title":"Översikt"}""",
                        build.Text.MaybeProse(random),
                        build.Instant(random, random.Between(1, 300))
                    );
                }
            }
        );
        build.Table(
            "report_lines",
            "report_id line_number label value",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(reports))
                {
                    for (int line = 1; line <= LinesPerReport; line++)
                    {
                        rows.Write(
                            Id(tenant, n),
                            line,
                            random.Pick(build.Text.CourseTopics),
                            line == LinesPerReport ? null : Decimal(random.Next(10_000_000))
                        );
                    }
                }
            }
        );
    }

    private static void Statistics(SampleBuild build) =>
        build.Table(
            "usage_statistics",
            "organisation_id course_id week_of active_users minutes_viewed average_score",
            (rows, random) =>
            {
                DateOnly monday = build.Anchor.AddDays(-(((int)build.Anchor.DayOfWeek + 6) % 7));
                foreach ((int tenant, int course) in Interleave(build.Shape.Courses))
                {
                    for (int week = WeeksOfStatistics; week > 0; week--)
                    {
                        int active = random.Next(200);
                        rows.Write(
                            tenant + 1,
                            Id(tenant, course),
                            Date(monday.AddDays(-7 * week)),
                            active,
                            active * random.Next(90),
                            active == 0 ? null : random.Next(100_000) / 1000.0
                        );
                    }
                }
            }
        );
}
