using System.Globalization;
using static Portability.Demo.Lms.SampleShape;

namespace Portability.Demo.Lms;

/// <summary>Enrolments, completions, certificates, attempts and their answers.</summary>
internal static class ResultRows
{
    public static void Write(SampleBuild build)
    {
        Enrolments(build);
        Completions(build);
        Attempts(build);
    }

    private static bool IsComplete(int enrolment) => enrolment % 5 < 3;

    /// <summary>Goes through all enrolments: who, in which place of the user's list, and the enrolment's own ordinal.</summary>
    private static IEnumerable<(int Tenant, int User, int Place, int Ordinal)> All(SampleBuild build)
    {
        foreach ((int tenant, int user) in Interleave(build.Shape.Users))
        {
            for (int place = 0; place < EnrolmentsPerUser; place++)
            {
                yield return (tenant, user, place, (user * EnrolmentsPerUser) + place);
            }
        }
    }

    private static void Enrolments(SampleBuild build) =>
        build.Table(
            "enrolments",
            "id user_id course_id status enrolled_at due_on",
            (rows, random) =>
            {
                foreach ((int tenant, int user, int place, int e) in All(build))
                {
                    rows.Write(
                        Id(tenant, e),
                        Id(tenant, user),
                        Id(tenant, CourseRows.CourseOf(build, tenant, user, place)),
                        IsComplete(e) ? "completed" : "active",
                        build.Instant(random, random.Between(120, 900)),
                        random.Chance(30) ? null : build.Date(random.Between(-60, 60))
                    );
                }
            }
        );

    private static void Completions(SampleBuild build)
    {
        build.Table(
            "completions",
            "id enrolment_id completed_at score minutes_spent",
            (rows, random) =>
            {
                foreach ((int tenant, int _, int _, int e) in All(build))
                {
                    if (IsComplete(e))
                    {
                        rows.Write(
                            Id(tenant, e),
                            Id(tenant, e),
                            build.Instant(random, random.Between(1, 119)),
                            random.Chance(10) ? null : SampleBuild.Decimal(random.Between(5_000, 10_000)),
                            random.Between(5, 900)
                        );
                    }
                }
            }
        );
        build.Table(
            "certificates",
            "id completion_id user_id certificate_number holder_name title issued_on valid_until revoked",
            (rows, random) =>
            {
                foreach ((int tenant, int user, int place, int e) in All(build))
                {
                    if (IsComplete(e) && e % 5 != 1)
                    {
                        PersonName holder = PeopleRows.NameOf(build, tenant, user);
                        int course = CourseRows.CourseOf(build, tenant, user, place);
                        int issued = random.Between(1, 119);
                        rows.Write(
                            Id(tenant, e),
                            Id(tenant, e),
                            Id(tenant, user),
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"{build.Customers[tenant].CustomerId}/{e:000000}"
                            ),
                            $"{holder.Given} {holder.Family}",
                            build.Text.CourseTopics[(course + tenant) % build.Text.CourseTopics.Count],
                            build.Date(issued),
                            random.Chance(50) ? build.Date(issued - 730) : null,
                            random.Chance(2)
                        );
                    }
                }
            }
        );
    }

    private static void Attempts(SampleBuild build)
    {
        build.Table(
            "attempts",
            "id quiz_id enrolment_id started_at submitted_at score",
            (rows, random) =>
            {
                foreach ((int tenant, int user, int place, int e) in All(build))
                {
                    if (HasAttempt(e))
                    {
                        bool given = e % 14 != 0;
                        int day = random.Between(1, 119);
                        rows.Write(
                            Id(tenant, e),
                            Id(tenant, QuizOf(build, tenant, user, place)),
                            Id(tenant, e),
                            build.Instant(day, 30_000 + random.Next(20_000)),
                            given ? build.Instant(day, 50_000 + random.Next(20_000)) : null,
                            given ? SampleBuild.Decimal(random.Between(0, 10_000)) : null
                        );
                    }
                }
            }
        );
        build.Table(
            "attempt_answers",
            "attempt_id question_id answer_option_id free_text answered_at",
            (rows, random) =>
            {
                foreach ((int tenant, int user, int place, int e) in All(build))
                {
                    if (HasAttempt(e))
                    {
                        Answers(build, rows, random, tenant, QuizOf(build, tenant, user, place), e);
                    }
                }
            }
        );
    }

    private static void Answers(
        SampleBuild build,
        RowWriter rows,
        SampleRandom random,
        int tenant,
        int quiz,
        int attempt
    )
    {
        for (int q = 0; q < QuestionsPerQuiz; q++)
        {
            if (random.Chance(8))
            {
                // Left out.
                continue;
            }

            bool choice = q < ChoiceQuestionsPerQuiz;
            rows.Write(
                Id(tenant, attempt),
                Id(tenant, ((long)quiz * QuestionsPerQuiz) + q),
                choice ? Id(tenant, CourseRows.OptionOrdinal(quiz, q) + random.Next(OptionsPerQuestion)) : null,
                choice ? null : build.Text.Prose(random),
                build.Instant(random, random.Between(1, 119))
            );
        }
    }

    private static bool HasAttempt(int enrolment) => enrolment % 2 == 0;

    private static int QuizOf(SampleBuild build, int tenant, int user, int place) =>
        (CourseRows.CourseOf(build, tenant, user, place) * QuizzesPerCourse) + (user % QuizzesPerCourse);
}
