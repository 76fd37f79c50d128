using static Portability.Demo.Lms.SampleShape;

namespace Portability.Demo.Lms;

/// <summary>Surveys with their responses, and feedback on courses.</summary>
internal static class OpinionRows
{
    private const int UsersPerSurvey = 20;

    public static void Write(SampleBuild build)
    {
        int[] surveys = [.. build.Shape.Users.Select(users => Math.Max(3, users / UsersPerSurvey))];
        build.Table(
            "surveys",
            "id organisation_id course_id title opens_on closes_on",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(surveys))
                {
                    rows.Write(
                        Id(tenant, n),
                        tenant + 1,
                        n % 3 == 0 ? null : Id(tenant, n % build.Shape.Courses[tenant]),
                        random.Pick(build.Text.Sentences),
                        build.Date(random.Between(60, 400)),
                        random.Chance(50) ? build.Date(random.Between(-20, 50)) : null
                    );
                }
            }
        );
        build.Table(
            "survey_questions",
            "id survey_id order kind text",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(surveys))
                {
                    for (int q = 0; q < QuestionsPerSurvey; q++)
                    {
                        rows.Write(
                            Id(tenant, (n * QuestionsPerSurvey) + q),
                            Id(tenant, n),
                            q + 1,
                            q % 2 == 0 ? "scale" : "text",
                            build.Text.Prose(random)
                        );
                    }
                }
            }
        );
        Responses(build, surveys);
        Feedback(build);
    }

    private static void Responses(SampleBuild build, int[] surveys)
    {
        int[] responses = [.. build.Shape.Users.Select(users => users / 2)];
        build.Table(
            "survey_responses",
            "id survey_id user_id submitted_at",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(responses))
                {
                    rows.Write(
                        Id(tenant, n),
                        Id(tenant, n % surveys[tenant]),
                        n % 4 == 0 ? null : Id(tenant, n * 2 % build.Shape.Users[tenant]),
                        build.Instant(random, random.Between(0, 59))
                    );
                }
            }
        );
        build.Table(
            "survey_answers",
            "response_id survey_question_id value",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(responses))
                {
                    for (int q = 0; q < QuestionsPerSurvey; q++)
                    {
                        object? value = q % 2 == 0 ? random.Between(1, 5) : build.Text.MaybeProse(random);
                        rows.Write(Id(tenant, n), Id(tenant, (n % surveys[tenant] * QuestionsPerSurvey) + q), value);
                    }
                }
            }
        );
    }

    private static void Feedback(SampleBuild build) =>
        build.Table(
            "course_feedback",
            "id course_id user_id rating comment created_at deleted_at",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(build.Shape.Users))
                {
                    if (n % 5 < 3)
                    {
                        rows.Write(
                            Id(tenant, n),
                            Id(tenant, CourseRows.CourseOf(build, tenant, n, 0)),
                            Id(tenant, n),
                            random.Between(1, 5),
                            build.Text.MaybeProse(random),
                            build.Instant(random, random.Between(10, 100)),
                            n % 21 == 0 ? build.Instant(random, random.Next(10)) : null
                        );
                    }
                }
            }
        );
}
