using Portability.Notifications;
using Portability.Terminations;

namespace Portability.Tests.Notifications;

public sealed class MessageComposerTests
{
    private static readonly TermCalendar Stockholm = new("Europe/Stockholm");

    private static readonly MessageFacts Facts = new()
    {
        CustomerName = "Nordlys Læring AS",
        ContactName = "Åse Ødegård",
        TimeZone = "Europe/Stockholm",
        EffectiveEnd = Stockholm.EndOfDay(new DateOnly(2027, 3, 31)),
        WindowCloses = Stockholm.StartOfDay(new DateOnly(2027, 6, 30)),
        ErasureDue = Stockholm.StartOfDay(new DateOnly(2027, 6, 30)),
        Now = Stockholm.StartOfDay(new DateOnly(2027, 5, 31)),
        Page = new Uri("https://portability.example/customer#cl1.a.b"),
        SupportAddress = "support@portability.example",
        Export = new ReadyExport(2, 14, 1_234_567, new string('a', 64)),
        Certificate = new IssuedCertificate("PC-2027-0001", new string('b', 64), KeepsData: true),
    };

    [Theory]
    [MemberData(nameof(MessageTextsTests.EveryMessage), MemberType = typeof(MessageTextsTests))]
    public void Compose_EveryKindInEachLanguage_FillsAllOfIt(string language, MessageKind kind)
    {
        ComposedMessage message = MessageComposer.Compose(kind, language, Facts);

        Assert.Equal(language, message.Language);
        Assert.Contains("Nordlys Læring AS", message.Subject, StringComparison.Ordinal);
        Assert.Contains("Åse Ødegård", message.Body, StringComparison.Ordinal);
        Assert.Contains("https://portability.example/customer#cl1.a.b", message.Body, StringComparison.Ordinal);
        Assert.Contains("support@portability.example", message.Body, StringComparison.Ordinal);
        Assert.Empty(MessageComposer.PlaceholdersOf(message.Subject + message.Body));
    }

    [Fact]
    public void Compose_ExportReadyInEnglish_ReadsAsWritten()
    {
        ComposedMessage message = MessageComposer.Compose(MessageKind.ExportReady, "en", Facts);

        Assert.Equal("Your export is ready: Nordlys Læring AS", message.Subject);
        Assert.Equal(
            $"""
            Dear Åse Ødegård,

            Export number 2 of the data of Nordlys Læring AS is complete. You get the download links from support@portability.example.

            Files: 14
            Size: 1.2 MB
            SHA-256 of the manifest: {new string('a', 64)}

            For safety each download link works only for a short time; you get new ones whenever you need them. The files can be downloaded until we erase your data, on 30 June 2027 at the earliest.

            The README in the export explains what the files contain and how to check that they arrived intact. Once you have checked that everything is there, please confirm it to support@portability.example.

            Your page: https://portability.example/customer#cl1.a.b

            There you can request exports, download files and certificates, and confirm the transfer. The link opens the page without a password, so share it only with those who should have access.

            If you have any questions, write to support@portability.example.

            Kind regards,
            Customer support

            """.ReplaceLineEndings("\n"),
            message.Body
        );
    }

    [Theory]
    [InlineData("en", "Your last day of service is 31 March 2027.", "up to and including 29 June 2027")]
    [InlineData("sv", "Sista dagen med tjänsten är den 31 mars 2027.", "till och med den 29 juni 2027")]
    [InlineData("nb", "Siste dag med tjenesten er 31. mars 2027.", "til og med 29. juni 2027")]
    public void Compose_Dates_AreTheLastDaysInTheContractsZone(string language, string service, string window)
    {
        string body = MessageComposer.Compose(MessageKind.NoticeReceived, language, Facts).Body;

        Assert.Contains(service, body, StringComparison.Ordinal);
        Assert.Contains(window, body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2027-05-31", "You have 30 days left")]
    [InlineData("2027-06-28", "You have 2 days left")]
    [InlineData("2027-06-29", "Today is the last day")]
    public void Compose_WindowClosing_CountsLocalDays(string today, string expected)
    {
        MessageFacts facts = Facts with { Now = Stockholm.StartOfDay(DateOnly.Parse(today)) };

        Assert.Contains(
            expected,
            MessageComposer.Compose(MessageKind.WindowClosing, "en", facts).Body,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Compose_ErasureDone_SaysWhetherAnythingWasKept()
    {
        MessageFacts nothing = Facts with { Certificate = Facts.Certificate! with { KeepsData = false } };

        string kept = MessageComposer.Compose(MessageKind.ErasureDone, "en", Facts).Body;
        string none = MessageComposer.Compose(MessageKind.ErasureDone, "en", nothing).Body;

        Assert.Contains("because the law requires it", kept, StringComparison.Ordinal);
        Assert.Contains("None of it has been kept.", none, StringComparison.Ordinal);
    }

    [Fact]
    public void Compose_WithoutANeededFact_NamesIt()
    {
        var refused = Assert.Throws<ArgumentException>(() =>
            MessageComposer.Compose(MessageKind.ExportReady, "en", Facts with { Export = null })
        );

        Assert.Contains("'export'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compose_ANameWithBracesAndLineBreaks_StaysAName()
    {
        MessageFacts facts = Facts with { CustomerName = "A {page}\r\nBcc: x" };

        ComposedMessage message = MessageComposer.Compose(MessageKind.WindowOpened, "sv", facts);

        Assert.EndsWith("A {page} Bcc: x", message.Subject, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(MessageTextsTests.EveryMessage), MemberType = typeof(MessageTextsTests))]
    public void ComposeForOtherDelivery_EveryKind_HoldsTheMessageOnce(string language, MessageKind kind)
    {
        ComposedMessage mail = MessageComposer.Compose(kind, language, Facts);
        ComposedMessage letter = MessageComposer.ComposeForOtherDelivery(kind, language, Facts);

        string core = mail.Body.Split("\n\n")[1];
        Assert.Equal(mail.Subject, letter.Subject);
        Assert.Equal(2, letter.Body.Split(core).Length);
        Assert.Equal(2, letter.Body.Split("https://portability.example/customer#cl1.a.b").Length);
        Assert.Empty(MessageComposer.PlaceholdersOf(letter.Body));
    }

    [Theory]
    [MemberData(nameof(MessageTextsTests.EveryMessage), MemberType = typeof(MessageTextsTests))]
    public void Compose_WithoutAPage_SpeaksOfNone(string language, MessageKind kind)
    {
        ComposedMessage message = MessageComposer.Compose(kind, language, Facts with { Page = null });

        string words = message.Subject + message.Body;
        Assert.DoesNotContain("your page", words, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("er sida", words, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("siden deres", words, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("support@portability.example", words, StringComparison.Ordinal);
    }
}
