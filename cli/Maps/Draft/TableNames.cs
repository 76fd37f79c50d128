using System.Text;

namespace Portability.Cli.Maps.Draft;

/// <summary>What the words of a table's name give away. Only words that mean one thing in any product are here; the rest a person decides.</summary>
internal static class TableNames
{
    public const string People = "userData";
    public const string Courses = "courseData";
    public const string Usage = "analytics";

    /// <summary>Categories that a draft may use, with their titles.</summary>
    public static IReadOnlyDictionary<string, string> Titles { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [People] = "People and their accounts",
            [Courses] = "Courses and what learners did in them",
            [Usage] = "Usage and statistics",
        };

    private static readonly Dictionary<string, string> Categories = new(StringComparer.Ordinal);

    private static readonly HashSet<string> Bookkeeping =
    [
        "invoice",
        "receipt",
        "payment",
        "order",
        "transaction",
        "ledger",
        "billing",
        "bill",
        "payroll",
        "salary",
        "tax",
        "accounting",
        "voucher",
        "refund",
        "purchase",
    ];

    private static readonly HashSet<string> Machinery = new(StringComparer.OrdinalIgnoreCase)
    {
        "__EFMigrationsHistory",
        "schema_migrations",
        "ar_internal_metadata",
        "flyway_schema_history",
        "alembic_version",
        "knex_migrations",
        "knex_migrations_lock",
        "django_migrations",
        "databasechangelog",
        "databasechangeloglock",
        "_prisma_migrations",
        "_sqlx_migrations",
        "goose_db_version",
    };

    static TableNames()
    {
        Add(
            People,
            "user person people employee member student teacher learner pupil guardian profile staff participant"
        );
        Add(
            Courses,
            "course lesson module quiz question answer enrolment enrollment exam grade certificate survey attempt assignment submission completion"
        );
        Add(Usage, "log statistic stat visit pageview");
    }

    /// <summary>The category, if all telling words agree on one; else null.</summary>
    public static string? CategoryOf(string table)
    {
        var found = Words(table)
            .Select(word => Categories.GetValueOrDefault(word))
            .OfType<string>()
            .Distinct()
            .ToList();
        return found.Count == 1 ? found[0] : null;
    }

    /// <summary>True for tables that bookkeeping law may want kept.</summary>
    public static bool MayHaveToBeKept(string table) => Words(table).Any(Bookkeeping.Contains);

    /// <summary>True for tables in which a migration tool remembers what it did.</summary>
    public static bool IsMachinery(string table) => Machinery.Contains(table);

    /// <summary>Words of a name in lower case and singular: <c>QuizAttempts</c> gives quiz, attempt.</summary>
    public static IReadOnlyList<string> Words(string name)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        for (var i = 0; i <= name.Length; i++)
        {
            var isBreak =
                i == name.Length
                || !char.IsLetterOrDigit(name[i])
                || (i > 0 && char.IsUpper(name[i]) && char.IsLower(name[i - 1]));
            if (isBreak && word.Length > 0)
            {
                words.Add(Singular(word.ToString()));
                word.Clear();
            }
            if (i < name.Length && char.IsLetterOrDigit(name[i]))
            {
                word.Append(char.ToLowerInvariant(name[i]));
            }
        }
        return words;
    }

    private static string Singular(string word) =>
        word.Length < 4 ? word
        : word.EndsWith("zzes", StringComparison.Ordinal) ? word[..^3]
        : word.EndsWith("ies", StringComparison.Ordinal) ? $"{word[..^3]}y"
        : word.EndsWith("sses", StringComparison.Ordinal) ? word[..^2]
        : word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal) ? word[..^1]
        : word;

    private static void Add(string category, string words)
    {
        foreach (var word in words.Split(' '))
        {
            Categories[word] = category;
        }
    }
}
