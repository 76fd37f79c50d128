using Bogus;

namespace Portability.Demo.Lms;

/// <summary>A person's name, in the script that the person writes it in.</summary>
internal sealed record PersonName(string Given, string Family);

/// <summary>
/// Pools of names and sentences that rows pick from: several scripts, and the texts that break careless exports.
/// The pools are made once with Bogus; picking costs nothing, so millions of rows stay cheap.
/// </summary>
internal sealed class SampleText
{
    private const int NamesEach = 60;
    private const int SentencesEach = 40;

    private static readonly string[] Locales = ["sv", "nb_NO", "fr", "pl", "tr", "el", "ru", "ar", "zh_CN"];

    /// <summary>Names that Bogus does not know: Hebrew, and what people really type into a name field.</summary>
    private static readonly PersonName[] MoreNames =
    [
        new("שרה", "כהן"),
        new("דוד", "לוי"),
        new("יעל", "בן־דוד"),
        new("Siobhán", "O'Brien"),
        new("Robert'); DROP TABLE users;--", "Tables"),
        new("Anna \"Nan\"", "Åström, née Öberg"),
        new("Zoë\u0308", "Cafe\u0301"),
        new("Ada 🚀", "👩‍👩‍👧‍👦 Family"),
        new("=cmd|' /C calc'!A0", "Mallory"),
        new("Þóra", "Ægisdóttir"),
        new("Null", "Null"),
        new("  Leading", "trailing  "),
        new("", "Mononym"),
    ];

    private static readonly string[] TrickyTexts =
    [
        "=1+1",
        "+46 70 123 45 67",
        "-5",
        "@SUM(A1:A9)",
        "=HYPERLINK(\"https://example.com\";\"click\")",
        "\ttab first",
        "\rcarriage return first",
        "He said \"yes\"; then he left, 'without' a word",
        "line one\nline two\r\nline three\n",
        "semicolon; comma, pipe | backslash \\ slash /",
        "<b>not bold</b> &amp; ]]> <!-- -->",
        "Robert'); DROP TABLE users;--",
        "NULL",
        "\\N",
        "0012",
        "1e5",
        "true",
        "",
        " ",
        "  two leading, two trailing  ",
        "line\u2028separator and paragraph\u2029separator",
        "zero\u200Bwidth and \u202Eright-to-left override\u202C",
        "e\u0301 decomposed, é composed",
        "👩‍👩‍👧‍👦 🇸🇪 👍🏽 𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
        "שלום עולם, مرحبا بالعالم, 你好世界, Γειά σου Κόσμε, Привет, мир",
        "{\"json\": [1, null, \"a\"]}",
        "\uFEFFbyte order mark first",
        "bell \u0007 and unit separator \u001F",
    ];

    private static readonly string[] Topics =
    [
        "Brandskydd på arbetsplatsen",
        "Datasäkerhet för alla",
        "Første hjelp",
        "Ασφάλεια στην εργασία",
        "Основы менеджмента",
        "السلامة المهنية",
        "בטיחות בעבודה",
        "数据保护基础",
        "Zażółć gęślą jaźń: dykcja",
        "Leadership & Communication",
        "C++ \"from zero\"; advanced",
        "Excel: =SUM() and friends",
        "🧯 Fire safety",
        "Hygien i vården",
    ];

    private readonly SampleRandom random;

    public SampleText(int seed)
    {
        random = new SampleRandom(seed, "text");
        List<PersonName> names = [.. MoreNames];
        List<string> sentences = [];
        foreach (string locale in Locales)
        {
            Faker faker = new(locale) { Random = new Randomizer(seed) };
            for (int i = 0; i < NamesEach; i++)
            {
                names.Add(new PersonName(faker.Name.FirstName(), faker.Name.LastName()));
            }

            for (int i = 0; i < SentencesEach; i++)
            {
                sentences.Add(faker.Lorem.Sentence(wordCount: 6, range: 10));
            }
        }

        Names = names;
        Sentences = sentences;
        // One text that outgrows every buffer of a sensible size, cut from the sentences.
        LongText = string.Join('\n', Enumerable.Range(0, 800).Select(_ => random.Pick(sentences)));
    }

    public IReadOnlyList<PersonName> Names { get; }

    public IReadOnlyList<string> Sentences { get; }

    public IReadOnlyList<string> Tricky => TrickyTexts;

    public IReadOnlyList<string> CourseTopics => Topics;

    /// <summary>About 50,000 characters.</summary>
    public string LongText { get; }

    /// <summary>An ordinary sentence, now and then a tricky one.</summary>
    public string Prose(SampleRandom from) => from.Chance(12) ? from.Pick(TrickyTexts) : from.Pick(Sentences);

    /// <summary>As <see cref="Prose"/>, but also nothing at all: some fields are null and some are empty, and that differs.</summary>
    public string? MaybeProse(SampleRandom from) =>
        from.Next(10) switch
        {
            0 or 1 => null,
            2 => "",
            _ => Prose(from),
        };
}
