using System.Net.Mail;
using Portability.Demo.Tour;
using Portability.Notifications;

namespace Portability.Tests.Demo;

public sealed class MailboxTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mailbox-").FullName;

    [Theory]
    [InlineData("Plain subject")]
    [InlineData(
        "Vi har tagit emot er uppsägning: Åsa Öberg & Co, en rätt lång ämnesrad som måste brytas på flera rader"
    )]
    [InlineData("Уведомление 你好 مرحبا")]
    public async Task Mailbox_MailLeftByTheApplication_ShowsItsSubjectOnce(string subject)
    {
        PickupMailer mailer = new(new MailAddress("support@lms.example"), folder);
        Mailbox mailbox = new(folder);
        await mailer.SendAsync(
            new OutgoingMail
            {
                MessageId = "one@lms.example",
                ToName = "Åsa Öberg",
                ToAddress = "asa@c-104.example",
                Message = new ComposedMessage("sv", subject, "Text"),
            },
            default
        );

        (string to, string shown) = Assert.Single(mailbox.NewMails());
        Assert.Equal(subject, shown);
        Assert.Contains("asa@c-104.example", to);
        Assert.Empty(mailbox.NewMails());
        Assert.Equal(1, mailbox.Count);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
