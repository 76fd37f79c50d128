using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Portability.Exports.Formats;

namespace Portability.Tests.Exports;

/// <summary>Texts as CSV fields: copied in steps of several bytes, they come out as the rules say, wherever in a text something needs care.</summary>
public sealed class CsvTextTests
{
    private static readonly string[] NeedingCare =
    [
        "\"",
        ",",
        "\r",
        "\n",
        "\t",
        " ",
        "=",
        "'",
        "å",
        "€",
        "🙂",
        "\u007f",
        "\u0001",
    ];

    [Fact]
    public void Text_WithOneCharacterThatNeedsCareAnywhere_IsWrittenByTheRules()
    {
        foreach (var special in NeedingCare)
        {
            for (var length = 0; length <= 70; length++)
            {
                for (var at = 0; at <= length; at++)
                {
                    var text = new string('a', at) + special + new string('b', length - at);

                    Assert.Equal(ByTheRules(text), Written(Encoding.UTF8.GetBytes(text)));
                }
            }
        }
    }

    [Fact]
    public void Text_OfAnyCharacters_IsWrittenByTheRules()
    {
        var piece = Gen.OneOf(Gen.Elements(NeedingCare), Gen.Elements("a", "Z", "7", "word", "a longer piece of text"));
        Prop.ForAll(
                piece.ArrayOf().Select(string.Concat).ToArbitrary(),
                text => Written(Encoding.UTF8.GetBytes(text)) == ByTheRules(text)
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }

    [Fact]
    public void Text_WithAByteThatIsNoCharacter_IsRefusedWhereverItStands()
    {
        foreach (var (bad, reason) in new[] { ((byte)0, "NUL"), ((byte)0xFF, "UTF-8"), ((byte)0xC3, "UTF-8") })
        {
            for (var length = 1; length <= 40; length++)
            {
                for (var at = 0; at < length; at++)
                {
                    var bytes = Enumerable.Repeat((byte)'a', length).ToArray();
                    bytes[at] = bad;
                    using var buffer = new RowBuffer();

                    Assert.Contains(
                        reason,
                        CsvText.WriteText(buffer, bytes, isNumeric: false),
                        StringComparison.Ordinal
                    );
                }
            }
        }
    }

    private static string Written(byte[] utf8)
    {
        using var buffer = new RowBuffer();
        Assert.Null(CsvText.WriteText(buffer, utf8, isNumeric: false));
        return Encoding.UTF8.GetString(buffer.Written.Span);
    }

    private static string ByTheRules(string text)
    {
        var isRisky = text.StartsWith('\'') || text.TrimStart(' ') is [('=' or '\t' or '\r' or '\n'), ..];
        var guarded = isRisky ? "'" + text : text;
        return
            text.Length == 0
            || text.StartsWith(' ')
            || text.EndsWith(' ')
            || text.IndexOfAny(['"', ',', '\r', '\n']) >= 0
            ? $"\"{guarded.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : guarded;
    }
}
