using System.Globalization;
using static Portability.Demo.Lms.SampleShape;

namespace Portability.Demo.Lms;

/// <summary>Courses with modules, sub-modules, materials and quizzes.</summary>
internal static class CourseRows
{
    public static void Write(SampleBuild build)
    {
        Courses(build);
        Modules(build);
        Materials(build);
        Quizzes(build);
    }

    /// <summary>The course that a user's nth enrolment is in: <see cref="EnrolmentsPerUser"/> different ones.</summary>
    public static int CourseOf(SampleBuild build, int tenant, int user, int enrolment) =>
        ((user * 3) + enrolment) % build.Shape.Courses[tenant];

    private static void Courses(SampleBuild build) =>
        build.Table(
            "courses",
            "id organisation_id catalogue_course_id created_by code title description language_code price_minor published "
                + "created_at deleted_at",
            (rows, random) =>
            {
                foreach ((int tenant, int n) in Interleave(build.Shape.Courses))
                {
                    string topic = build.Text.CourseTopics[(n + tenant) % build.Text.CourseTopics.Count];
                    rows.Write(
                        Id(tenant, n),
                        tenant + 1,
                        n % 6 == 5 ? random.Between(1, 3) : null,
                        n % 4 == 3 ? null : Id(tenant, n % build.Shape.Users[tenant]),
                        // The same codes for both customers.
                        string.Create(CultureInfo.InvariantCulture, $"C{n:0000}"),
                        n < build.Text.CourseTopics.Count
                            ? topic
                            : string.Create(CultureInfo.InvariantCulture, $"{topic} {n}"),
                        build.Text.MaybeProse(random),
                        random.Pick(OrganisationRows.Languages).Code,
                        n % 3 == 0 ? null : random.Between(0, 500_000),
                        n % 10 != 9,
                        build.Instant(random, random.Between(200, 1500)),
                        n > 3 && n % 12 == 4 ? build.Instant(random, 33) : null
                    );
                }
            }
        );

    private static void Modules(SampleBuild build) =>
        build.Table(
            "modules",
            "id course_id parent_id order title",
            (rows, random) =>
            {
                foreach ((int tenant, int course) in Interleave(build.Shape.Courses))
                {
                    for (int m = 0; m < ModulesPerCourse; m++)
                    {
                        bool top = m < TopModules;
                        long first = (long)course * ModulesPerCourse;
                        rows.Write(
                            Id(tenant, first + m),
                            Id(tenant, course),
                            top ? null : Id(tenant, first + m - TopModules),
                            top ? m + 1 : 1,
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"{(top ? m + 1 : m - TopModules + 1)}. {random.Pick(build.Text.Sentences)}"
                            )
                        );
                    }
                }
            }
        );

    private static void Materials(SampleBuild build) =>
        build.Table(
            "materials",
            "id module_id media_file_id kind title body",
            (rows, random) =>
            {
                foreach ((int tenant, int course) in Interleave(build.Shape.Courses))
                {
                    for (int m = 0; m < MaterialsPerCourse; m++)
                    {
                        long ordinal = ((long)course * MaterialsPerCourse) + m;
                        bool media = m % 4 == 0;
                        rows.Write(
                            Id(tenant, ordinal),
                            Id(tenant, ((long)course * ModulesPerCourse) + (m % ModulesPerCourse)),
                            media ? Id(tenant, ordinal / 4 % build.Shape.Media[tenant]) : null,
                            media ? "file" : "page",
                            random.Pick(build.Text.Sentences),
                            media ? null : build.Text.Prose(random)
                        );
                    }
                }
            }
        );

    private static void Quizzes(SampleBuild build)
    {
        int[] quizzes = [.. build.Shape.Courses.Select(courses => courses * QuizzesPerCourse)];
        build.Table(
            "quizzes",
            "id module_id title pass_mark time_limit_seconds",
            (rows, random) =>
            {
                foreach ((int tenant, int quiz) in Interleave(quizzes))
                {
                    long module =
                        ((long)(quiz / QuizzesPerCourse) * ModulesPerCourse) + 1 + (quiz % QuizzesPerCourse * 2);
                    rows.Write(
                        Id(tenant, quiz),
                        Id(tenant, module),
                        random.Pick(build.Text.Sentences),
                        SampleBuild.Decimal(random.Between(5_000, 9_000)),
                        quiz % 3 == 0 ? null : 60 * random.Between(5, 60)
                    );
                }
            }
        );
        build.Table(
            "questions",
            "id quiz_id order kind text",
            (rows, random) =>
            {
                foreach ((int tenant, int quiz) in Interleave(quizzes))
                {
                    for (int q = 0; q < QuestionsPerQuiz; q++)
                    {
                        rows.Write(
                            Id(tenant, ((long)quiz * QuestionsPerQuiz) + q),
                            Id(tenant, quiz),
                            q + 1,
                            q < ChoiceQuestionsPerQuiz ? "choice" : "freeText",
                            build.Text.Prose(random)
                        );
                    }
                }
            }
        );
        build.Table(
            "answer_options",
            "id question_id order text correct",
            (rows, random) =>
            {
                foreach ((int tenant, int quiz) in Interleave(quizzes))
                {
                    for (int q = 0; q < ChoiceQuestionsPerQuiz; q++)
                    {
                        int right = random.Next(OptionsPerQuestion);
                        for (int o = 0; o < OptionsPerQuestion; o++)
                        {
                            rows.Write(
                                Id(tenant, OptionOrdinal(quiz, q) + o),
                                Id(tenant, ((long)quiz * QuestionsPerQuiz) + q),
                                o + 1,
                                build.Text.Prose(random),
                                o == right
                            );
                        }
                    }
                }
            }
        );
    }

    /// <summary>Where the options of a quiz's nth question begin.</summary>
    public static long OptionOrdinal(int quiz, int question) =>
        (((long)quiz * ChoiceQuestionsPerQuiz) + question) * OptionsPerQuestion;
}
