namespace Portability.Demo.Lms;

/// <summary>
/// How many of each thing a customer has. Ids of the two customers alternate: the first has the odd ids of every table, the
/// second the even ones, so that rows of both lie side by side on every page, and whose row it is can be seen without following
/// any foreign key.
/// </summary>
internal sealed record SampleShape
{
    public const int Tenants = 2;
    public const int TopModules = 5;
    public const int ModulesPerCourse = 8;
    public const int MaterialsPerCourse = 12;
    public const int QuizzesPerCourse = 2;
    public const int QuestionsPerQuiz = 6;
    public const int ChoiceQuestionsPerQuiz = 5;
    public const int OptionsPerQuestion = 4;
    public const int EnrolmentsPerUser = 4;
    public const int QuestionsPerSurvey = 4;
    public const int WeeksOfStatistics = 26;
    public const int InvoiceQuarters = 44;
    public const int LinesPerReport = 5;

    /// <summary>Smallest number of rows that still holds every case the sample is for.</summary>
    public const int MinimumRows = 5_000;

    // Rows that follow from one user, and from one course, counted over all tables but the activity log.
    private const double RowsPerUser = 26.5;
    private const double RowsPerCourse = 108;
    private const int UsersPerCourse = 12;
    private const double ShareOfActivity = 0.25;

    /// <summary>Users of each customer; the second customer is smaller, so that no count of one passes for the other's.</summary>
    public required int[] Users { get; init; }

    public required int[] Courses { get; init; }

    public required int[] Media { get; init; }

    public static SampleShape For(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, MinimumRows);
        const int Fixed = 900;
        double users = ((rows * (1 - ShareOfActivity)) - Fixed) / (RowsPerUser + (RowsPerCourse / UsersPerCourse));
        int first = Math.Max(12, (int)(users * 0.55));
        int second = Math.Max(10, (int)(users * 0.45));
        int[] courses = [Math.Max(6, first / UsersPerCourse), Math.Max(5, second / UsersPerCourse)];
        return new SampleShape
        {
            Users = [first, second],
            Courses = courses,
            // Media are real files in a container: enough to be of use, never so many that making the sample takes minutes.
            Media = [Math.Min(40, courses[0] * 3), Math.Min(31, courses[1] * 3)],
        };
    }

    /// <summary>The id of a customer's nth row of any table.</summary>
    public static long Id(int tenant, long ordinal) => (2 * ordinal) + 1 + tenant;

    /// <summary>Goes through ordinals of both customers in the order of their ids.</summary>
    public static IEnumerable<(int Tenant, int Ordinal)> Interleave(int[] counts)
    {
        for (int ordinal = 0; ordinal < Math.Max(counts[0], counts[1]); ordinal++)
        {
            for (int tenant = 0; tenant < Tenants; tenant++)
            {
                if (ordinal < counts[tenant])
                {
                    yield return (tenant, ordinal);
                }
            }
        }
    }

    /// <summary>As <see cref="Interleave(int[])"/>, with the same number for both customers.</summary>
    public static IEnumerable<(int Tenant, int Ordinal)> Interleave(int each) => Interleave([each, each]);
}
