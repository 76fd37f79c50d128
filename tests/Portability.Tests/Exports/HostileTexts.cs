namespace Portability.Tests.Exports;

/// <summary>Texts that break writers, readers and spreadsheets.</summary>
internal static class HostileTexts
{
    public static IReadOnlyList<string> All { get; } =
    [
        "plain",
        "",
        " leading and trailing ",
        "comma, quote \" and apostrophe '",
        "'already guarded",
        "''twice",
        "=1+1",
        "=cmd|' /C calc'!A0",
        "+46 70 123 45 67",
        "-1",
        "@SUM(A1)",
        "\tTab",
        "\rReturn",
        "\nLine",
        "  =1+1",
        "\uFF1D1+1",
        "line one\nline two",
        "line one\r\nline two",
        "a\\rb\rc\r\n\\r0;\\r1;",
        "\\",
        ".quit\n.exit\n;\nGO\n/\n-- comment\n",
        "emoji 😀👩‍👩‍👧 and 🇳🇴",
        "עברית ‮ and العربية",
        "åäö ÅÄÖ æøå ﬃ 漢字",
        "NULL",
        "X'00'",
        "{\"not\": \"a document\"}",
        "\u0001\u001f\u007f\u0085\u2028\u2029\uFEFF",
        new string('x', 1_000_000) + "\"'\r\n" + new string('ø', 100_000),
    ];
}
