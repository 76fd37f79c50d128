using System.Globalization;
using static Portability.Demo.Lms.SampleShape;

namespace Portability.Demo.Lms;

/// <summary>Users with their profiles, groups and sessions.</summary>
internal static class PeopleRows
{
    private const int UsersPerGroup = 9;

    public static void Write(SampleBuild build)
    {
        Users(build);
        Profiles(build);
        Groups(build);
        Sessions(build);
    }

    /// <summary>The same person in the same place for both customers now and then: an account at each of two employers.</summary>
    public static PersonName NameOf(SampleBuild build, int tenant, int ordinal)
    {
        int place = ordinal % 10 == 0 ? ordinal : (ordinal * 2) + tenant;
        return build.Text.Names[place % build.Text.Names.Count];
    }

    private static void Users(SampleBuild build) =>
        build.Table(
            "users",
            "id organisation_id account_id manager_id public_id email given_name family_name password_hash mfa_secret "
                + "country_code language_code is_admin created_at last_login_at deleted_at",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(build.Shape.Users))
                {
                    PersonName name = NameOf(build, tenant, n);
                    bool deleted = n > 5 && n % 17 == 0;
                    int created = random.Between(60, 1900);
                    rows.Write(
                        Id(tenant, n),
                        tenant + 1,
                        Id(tenant, n % 25 == 1 ? 1 : 0),
                        n == 0 ? null : Id(tenant, n / 8),
                        random.NextGuid().ToString(),
                        // A mailbox that was given up: no address, but the person stays in the records.
                        n % 50
                        == 49
                            ? null
                            : string.Create(
                                CultureInfo.InvariantCulture,
                                $"user{n}@{build.Customers[tenant].CustomerId}.example"
                            ),
                        name.Given,
                        name.Family,
                        n % 9 == 8 ? null : "pbkdf2-sha256$600000$" + Convert.ToHexStringLower(random.Bytes(32)),
                        n % 5 == 0 ? Convert.ToHexString(random.Bytes(10)) : null,
                        n % 13 == 12 ? null : random.Pick(OrganisationRows.Countries).Code,
                        random.Pick(OrganisationRows.Languages).Code,
                        n % 40 == 0,
                        build.Instant(random, created),
                        random.Chance(20) ? null : build.Instant(random, random.Next(60)),
                        deleted ? build.Instant(random, random.Between(1, 59)) : null
                    );
                }
            }
        );

    private static void Profiles(SampleBuild build) =>
        build.Table(
            "user_profiles",
            "user_id phone birth_date employee_number biography avatar preferences",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(build.Shape.Users))
                {
                    byte[]? avatar = random.Next(8) switch
                    {
                        0 or 1 => random.Bytes(random.Between(60, 300)),
                        2 => [],
                        _ => null,
                    };
                    rows.Write(
                        Id(tenant, n),
                        random.Chance(40)
                            ? string.Create(
                                CultureInfo.InvariantCulture,
                                $"+46 70 {random.Between(1_000_000, 9_999_999)}"
                            )
                            : null,
                        random.Chance(70) ? build.Date(random.Between(7_000, 22_000)) : null,
                        // Leading zeros that a spreadsheet would eat.
                        string.Create(CultureInfo.InvariantCulture, $"{n:000000}"),
                        n == 3 ? build.Text.LongText : build.Text.MaybeProse(random),
                        avatar,
                        random.Chance(30) ? null : """{"digest":"weekly","zoom":1.25,"muted":false}"""
                    );
                }
            }
        );

    private static void Groups(SampleBuild build)
    {
        int[] groups = [.. build.Shape.Users.Select(users => Math.Max(3, users / UsersPerGroup))];
        build.Table(
            "groups",
            "id organisation_id parent_id name created_at",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(groups))
                {
                    rows.Write(
                        Id(tenant, n),
                        tenant + 1,
                        n < 3 ? null : Id(tenant, n % 3),
                        string.Create(CultureInfo.InvariantCulture, $"{random.Pick(build.Text.CourseTopics)} #{n}"),
                        build.Instant(random, random.Between(60, 900))
                    );
                }
            }
        );
        build.Table(
            "group_members",
            "group_id user_id role joined_at",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(build.Shape.Users))
                {
                    int group = n % groups[tenant];
                    rows.Write(
                        Id(tenant, group),
                        Id(tenant, n),
                        n % 11 == 0 ? "lead" : "member",
                        build.Instant(random, 50)
                    );
                    if (n % 5 == 0)
                    {
                        int other = (group + 1) % groups[tenant];
                        rows.Write(Id(tenant, other), Id(tenant, n), "guest", build.Instant(random, 20));
                    }
                }
            }
        );
    }

    private static void Sessions(SampleBuild build) =>
        build.Table(
            "sessions",
            "id user_id token_hash ip_address user_agent started_at ended_at",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(build.Shape.Users))
                {
                    if (n % 3 != 0)
                    {
                        int day = random.Next(40);
                        rows.Write(
                            random.NextGuid().ToString(),
                            Id(tenant, n),
                            random.Bytes(32),
                            Address(random),
                            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                            build.Instant(day, random.Next(40_000)),
                            random.Chance(50) ? build.Instant(day, 40_000 + random.Next(40_000)) : null
                        );
                    }
                }
            }
        );

    /// <summary>An address of the ranges that are kept for documentation.</summary>
    public static string Address(SampleRandom random) =>
        random.Chance(20)
            ? string.Create(CultureInfo.InvariantCulture, $"2001:db8::{random.Next(65_536):x}")
            : string.Create(CultureInfo.InvariantCulture, $"192.0.2.{random.Next(256)}");
}
