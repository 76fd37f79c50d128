using System.Globalization;
using static Portability.Demo.Lms.SampleBuild;
using static Portability.Demo.Lms.SampleShape;

namespace Portability.Demo.Lms;

/// <summary>Reference tables, and the two organisations with contracts, accounts, contacts and tokens.</summary>
internal static class OrganisationRows
{
    public static readonly (string Code, string Name)[] Countries =
    [
        ("SE", "Sverige"),
        ("NO", "Norge"),
        ("GR", "Ελλάδα"),
        ("DE", "Deutschland"),
        ("PL", "Polska"),
        ("UA", "Україна"),
        ("EG", "مصر"),
        ("IL", "ישראל"),
        ("CN", "中国"),
        ("FR", "France"),
    ];

    public static readonly (string Code, string Name)[] Languages =
    [
        ("sv", "svenska"),
        ("nb", "norsk bokmål"),
        ("en", "English"),
        ("el", "ελληνικά"),
        ("de", "Deutsch"),
        ("ar", "العربية"),
        ("he", "עברית"),
        ("zh", "中文"),
    ];

    public const int CatalogueCourses = 12;

    public static void Write(SampleBuild build)
    {
        build.Table("countries", "code name", (rows, _) => Array.ForEach(Countries, c => rows.Write(c.Code, c.Name)));
        build.Table("languages", "code name", (rows, _) => Array.ForEach(Languages, l => rows.Write(l.Code, l.Name)));
        build.Table(
            "catalogue_courses",
            "id title description language_code licence published_on",
            (rows, random) =>
            {
                for (int i = 1; i <= CatalogueCourses; i++)
                {
                    rows.Write(
                        i,
                        $"{build.Text.CourseTopics[i % build.Text.CourseTopics.Count]} (open catalogue)",
                        build.Text.MaybeProse(random),
                        random.Pick(Languages).Code,
                        "CC BY-SA 4.0",
                        build.Date(random.Between(400, 2500))
                    );
                }
            }
        );
        Organisations(build);
        Contracts(build);
        Access(build);
        build.Table(
            "organisation_catalogue_courses",
            "organisation_id catalogue_course_id linked_at",
            (rows, random) =>
            {
                // Three courses in four are linked to both customers, the rest to one of them or to nobody.
                for (int i = 1; i <= CatalogueCourses; i++)
                {
                    for (int tenant = 0; tenant < Tenants; tenant++)
                    {
                        if (i % 4 != 0 || (i % 8 == 0 && tenant == 0))
                        {
                            rows.Write(tenant + 1, i, build.Instant(random, random.Between(30, 300)));
                        }
                    }
                }
            }
        );
    }

    private static void Organisations(SampleBuild build) =>
        build.Table(
            "organisations",
            "id customer_id name registration_number country_code language_code time_zone logo settings created_at",
            (rows, random) =>
            {
                foreach (SampleCustomer customer in build.Customers)
                {
                    rows.Write(
                        customer.OrganisationId,
                        customer.CustomerId,
                        customer.Name,
                        customer.OrganisationId == 1 ? "556677-8899" : "GR 0099 8877 6655",
                        customer.OrganisationId == 1 ? "SE" : "GR",
                        customer.Locale,
                        customer.TimeZone,
                        random.Bytes(1500),
                        """{"theme":"dark","features":["surveys","certificates"],"slogan":"Lär dig \"mer\"; alltid"}""",
                        build.Instant(random, 4100)
                    );
                }
            }
        );

    private static void Contracts(SampleBuild build) =>
        build.Table(
            "contracts",
            "id organisation_id contract_number starts_on term_ends_on renewal_months monthly_fee currency signed_by",
            (rows, random) =>
            {
                for (int term = 0; term < 2; term++)
                {
                    foreach (SampleCustomer customer in build.Customers)
                    {
                        // The first row is the running contract, the second the one before it.
                        DateOnly ends = term == 0 ? customer.TermEndsOn : customer.TermEndsOn.AddYears(-3);
                        rows.Write(
                            Id(customer.OrganisationId - 1, term),
                            customer.OrganisationId,
                            term == 0 ? customer.ContractNumber : $"{customer.ContractNumber}-OLD",
                            Date(ends.AddYears(-3).AddDays(1)),
                            Date(ends),
                            customer.RenewalMonths,
                            Decimal(random.Between(100_000, 900_000)),
                            customer.OrganisationId == 1 ? "SEK" : "EUR",
                            customer.ContactName
                        );
                    }
                }
            }
        );

    private static void Access(SampleBuild build)
    {
        build.Table(
            "accounts",
            "id organisation_id owner_user_id name status plan seats opened_at closed_at",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(2))
                {
                    rows.Write(
                        Id(tenant, n),
                        tenant + 1,
                        Id(tenant, n),
                        n == 0 ? build.Customers[tenant].Name : $"{build.Customers[tenant].Name} – sandbox",
                        "active",
                        n == 0 ? "enterprise" : null,
                        n == 0 ? build.Shape.Users[tenant] : 5,
                        build.Instant(random, 2000 - (n * 300)),
                        null
                    );
                }
            }
        );
        build.Table(
            "customer_contacts",
            "id organisation_id name email phone role",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(3))
                {
                    SampleCustomer customer = build.Customers[tenant];
                    PersonName name = random.Pick(build.Text.Names);
                    rows.Write(
                        Id(tenant, n),
                        tenant + 1,
                        n == 0 ? customer.ContactName : $"{name.Given} {name.Family}",
                        n == 0
                            ? customer.ContactEmail
                            : string.Create(CultureInfo.InvariantCulture, $"contact{n}@{customer.CustomerId}.example"),
                        n == 2 ? null : "+46 8 123 45 67",
                        n == 0 ? "main contact" : "billing"
                    );
                }
            }
        );
        build.Table(
            "api_tokens",
            "id account_id name token_hash scopes created_at expires_at",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave([6, 5]))
                {
                    rows.Write(
                        Id(tenant, n),
                        Id(tenant, n % 2),
                        n % 3 == 0 ? "HR sync" : "Power BI; nightly",
                        random.Bytes(32),
                        """["users:read","reports:read"]""",
                        build.Instant(random, random.Between(10, 700)),
                        n % 2 == 0 ? null : build.Instant(random, -200)
                    );
                }
            }
        );
    }
}
