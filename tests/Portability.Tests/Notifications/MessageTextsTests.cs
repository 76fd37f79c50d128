using Portability.Notifications;
using Portability.Terminations;

namespace Portability.Tests.Notifications;

public sealed class MessageTextsTests
{
    public static TheoryData<string, MessageKind> EveryMessage
    {
        get
        {
            var data = new TheoryData<string, MessageKind>();
            foreach (string language in MessageTexts.All.Keys)
            {
                foreach (MessageKind kind in Enum.GetValues<MessageKind>())
                {
                    data.Add(language, kind);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(EveryMessage))]
    public void Text_InEachLanguage_ExistsForEveryKind(string language, MessageKind kind)
    {
        MessageText text = MessageTexts.All[language].Messages[kind];

        Assert.NotEmpty(text.Subject);
        Assert.NotEmpty(text.Body);
    }

    [Theory]
    [MemberData(nameof(EveryMessage))]
    public void Text_InEachLanguage_HasThePlaceholdersOfTheEnglishOne(string language, MessageKind kind)
    {
        MessageText english = MessageTexts.All["en"].Messages[kind];
        MessageText text = MessageTexts.All[language].Messages[kind];

        Assert.Equal(Placeholders([english.Subject]), Placeholders([text.Subject]));
        Assert.Equal(english.Body.Count, text.Body.Count);
        Assert.All(
            english.Body.Zip(text.Body),
            pair => Assert.Equal(Placeholders([pair.First]), Placeholders([pair.Second]))
        );
        Assert.Equal(Placeholders([english.TimeLeft?.Today]), Placeholders([text.TimeLeft?.Today]));
        Assert.Equal(Placeholders([english.TimeLeft?.Other]), Placeholders([text.TimeLeft?.Other]));
        Assert.Equal(Placeholders([english.Kept?.None]), Placeholders([text.Kept?.None]));
        Assert.Equal(Placeholders([english.Kept?.Some]), Placeholders([text.Kept?.Some]));
    }

    [Fact]
    public void Frame_InEachLanguage_HasThePlaceholdersOfTheEnglishOne()
    {
        MessageTexts english = MessageTexts.All["en"];
        Assert.All(
            MessageTexts.All.Values,
            texts =>
            {
                Assert.Equal(12, texts.Months.Distinct().Count());
                Assert.Equal(Placeholders([english.Greeting]), Placeholders([texts.Greeting]));
                Assert.Equal(Placeholders(english.Page), Placeholders(texts.Page));
                Assert.Equal(Placeholders(english.Closing), Placeholders(texts.Closing));
                Assert.Equal(Placeholders(english.OtherDelivery.Body), Placeholders(texts.OtherDelivery.Body));
                Assert.Equal(["day", "month", "year"], Placeholders([texts.Date]));
            }
        );
    }

    [Theory]
    [InlineData("sv", "sv")]
    [InlineData("sv-SE", "sv")]
    [InlineData("no", "nb")]
    [InlineData("nb_NO", "nb")]
    [InlineData("nn", "nb")]
    [InlineData("EN-gb", "en")]
    [InlineData("fi", "en")]
    [InlineData("", "en")]
    public void For_ALocale_GivesTheNearestLanguage(string locale, string language) =>
        Assert.Equal(language, MessageTexts.For(locale).Language);

    [Theory]
    [InlineData("en", "31 March 2027")]
    [InlineData("sv", "31 mars 2027")]
    [InlineData("nb", "31. mars 2027")]
    public void Day_InEachLanguage_IsWrittenAsItsReadersWriteIt(string language, string expected) =>
        Assert.Equal(expected, MessageTexts.All[language].Day(new DateOnly(2027, 3, 31)));

    [Theory]
    [InlineData("en", 0L, "0 bytes")]
    [InlineData("en", 999L, "999 bytes")]
    [InlineData("en", 1_000L, "1.0 kB")]
    [InlineData("sv", 1_234_567L, "1,2 MB")]
    [InlineData("nb", 734_000_000_000L, "734 GB")]
    [InlineData("en", 5_000_000_000_000_000L, "5000 TB")]
    public void Size_OfBytes_IsShownInDecimalUnits(string language, long bytes, string expected) =>
        Assert.Equal(expected, MessageTexts.All[language].Size(bytes));

    private static string[] Placeholders(IEnumerable<string?> texts) =>
        [
            .. texts
                .SelectMany(text => MessageComposer.PlaceholdersOf(text ?? ""))
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
}
