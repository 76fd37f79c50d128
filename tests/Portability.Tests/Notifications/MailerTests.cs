using System.Net;
using System.Net.Mail;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Configuration;
using Portability.Notifications;

namespace Portability.Tests.Notifications;

public sealed class MailerTests : IDisposable
{
    private static readonly OutgoingMail Mail = new()
    {
        MessageId = "case-1.window-closing.20270629@portability.example",
        ToName = "Åse Ødegård",
        ToAddress = "ase@customer.example",
        Message = new ComposedMessage(
            "nb",
            "Siste frist: Nordlys Læring",
            "Hei, Åse!\n\n.En linje\n\nVennlig hilsen\n"
        ),
    };

    private readonly string folder = Directory.CreateTempSubdirectory("portability-mail-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task SmtpMailer_ToAServer_DeliversHeadersAndTextUnchanged()
    {
        await using SmtpServerProcess server = await SmtpServerProcess.StartAsync();

        Assert.IsType<MailOutcome.Accepted>(await Smtp(server.Port).SendAsync(Mail, default));

        ReceivedMail received = await server.ReceiveAsync();
        Assert.Equal("support@portability.example", received.From);
        Assert.Equal(["ase@customer.example"], received.To);
        AssertIsMail(received.Message);
    }

    [Fact]
    public async Task SmtpMailer_AMailboxRefusedForGood_Bounces()
    {
        await using SmtpServerProcess server = await SmtpServerProcess.StartAsync();

        MailOutcome outcome = await Smtp(server.Port)
            .SendAsync(Mail with { ToAddress = "unknown@customer.example" }, default);

        Assert.Equal(new MailOutcome.Bounced("smtp-550"), outcome);
    }

    [Fact]
    public async Task SmtpMailer_AMailboxRefusedForNow_IsLeftForLater()
    {
        await using SmtpServerProcess server = await SmtpServerProcess.StartAsync();

        var later = await Assert.ThrowsAsync<MailNotSentException>(() =>
            Smtp(server.Port).SendAsync(Mail with { ToAddress = "busy@customer.example" }, default)
        );

        Assert.Equal("smtp-451", later.Code);
    }

    [Fact]
    public async Task SmtpMailer_TheMessageRefusedForGood_Bounces()
    {
        await using SmtpServerProcess server = await SmtpServerProcess.StartAsync("--refuse-data");

        Assert.Equal(new MailOutcome.Bounced("smtp-554"), await Smtp(server.Port).SendAsync(Mail, default));
    }

    [Fact]
    public async Task SmtpMailer_OurSenderRefused_IsNoBounceOfTheCustomers()
    {
        await using SmtpServerProcess server = await SmtpServerProcess.StartAsync("--refuse-sender");

        var fault = await Assert.ThrowsAsync<MailNotSentException>(() => Smtp(server.Port).SendAsync(Mail, default));

        Assert.Equal("smtp-550", fault.Code);
    }

    [Fact]
    public async Task SmtpMailer_NoServer_IsLeftForLater()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        int port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();

        var fault = await Assert.ThrowsAsync<MailNotSentException>(() => Smtp(port).SendAsync(Mail, default));

        Assert.Equal("unreachable", fault.Code);
    }

    [Fact]
    public async Task PickupMailer_TheSameMailTwice_LeavesOneWholeFile()
    {
        IMailer mailer = Settings(("Mail:PickupFolder", folder)).CreateMailer();

        await mailer.SendAsync(Mail, default);
        await mailer.SendAsync(Mail, default);

        string file = Assert.Single(Directory.GetFileSystemEntries(folder));
        Assert.Equal("case-1.window-closing.20270629@portability.example.eml", Path.GetFileName(file));
        AssertIsMail(await File.ReadAllTextAsync(file));
    }

    [Theory]
    [InlineData("Åse\r\nBcc: thief@evil.example", "ase@customer.example", "case-1@portability.example", "Subject")]
    [InlineData("Åse", "ase@customer.example\r\nBcc: thief@evil.example", "case-1@portability.example", "Subject")]
    [InlineData("Åse", "Thief <ase@customer.example>", "case-1@portability.example", "Subject")]
    [InlineData("Åse", "ase@customer.example, thief@evil.example", "case-1@portability.example", "Subject")]
    [InlineData("Åse", "no address", "case-1@portability.example", "Subject")]
    [InlineData("Åse", "ase@customer.example", "case-1@portability.example>\r\nBcc: thief@evil.example", "Subject")]
    [InlineData("Åse", "ase@customer.example", "../../etc/passwd", "Subject")]
    [InlineData("Åse", "ase@customer.example", "case-1@portability.example", "Subject\nBcc: thief@evil.example")]
    [InlineData("Åse", "ase@customer.example", "case-1@portability.example", "Subject\u2028Bcc: thief@evil.example")]
    public async Task Mailer_AValueThatBreaksOutOfItsHeader_SendsNothing(
        string name,
        string address,
        string id,
        string subject
    )
    {
        IMailer mailer = Settings(("Mail:PickupFolder", folder)).CreateMailer();
        OutgoingMail mail = Mail with
        {
            ToName = name,
            ToAddress = address,
            MessageId = id,
            Message = Mail.Message with { Subject = subject },
        };

        await Assert.ThrowsAsync<MailHeaderException>(() => mailer.SendAsync(mail, default));

        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Theory]
    [InlineData("Mail:Smtp", "smtp://mail.example:587?starttls=true", null)]
    [InlineData("Mail:Smtp", "smtp://user:secret@127.0.0.1:1025", null)]
    [InlineData("Mail:Smtp", "smtp://user:secret@mail.example:587", "travel in clear")]
    [InlineData("Mail:Smtp", "mail.example", "smtp://host:port")]
    [InlineData("Mail:Other", "x", "exactly one of")]
    [InlineData("Mail:From", "nobody", "Mail__From")]
    public void Settings_WrongOnes_AreRefusedWithTheirMend(string key, string value, string? refusal)
    {
        if (refusal is null)
        {
            Assert.NotNull(Settings((key, value)).Smtp);
            return;
        }
        var error = Assert.Throws<InvalidOperationException>(() => Settings((key, value)));
        Assert.Contains(refusal, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    private static void AssertIsMail(string message)
    {
        string[] parts = message.ReplaceLineEndings("\n").Split("\n\n", 2);
        string head = parts[0];
        Assert.Contains(
            "Message-ID: <case-1.window-closing.20270629@portability.example>",
            head,
            StringComparison.OrdinalIgnoreCase
        );
        Assert.Contains("Content-Language: nb", head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Auto-Submitted: auto-generated", head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("<ase@customer.example>", head, StringComparison.Ordinal);
        Assert.Contains(Encoded("Siste frist: Nordlys Læring"), head, StringComparison.Ordinal);
        Assert.Contains("Content-Transfer-Encoding: base64", head, StringComparison.OrdinalIgnoreCase);
        string text = Encoding.UTF8.GetString(
            Convert.FromBase64String(parts[1].Replace("\n", "", StringComparison.Ordinal))
        );
        Assert.Equal(Mail.Message.Body, text.ReplaceLineEndings("\n"));
    }

    private static string Encoded(string value) =>
        $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(value))}?=";

    private static IMailer Smtp(int port) => Settings(("Mail:Smtp", $"smtp://127.0.0.1:{port}")).CreateMailer();

    private static MailSettings Settings(params (string Key, string Value)[] values) =>
        MailSettings.Read(
            new ConfigurationBuilder()
                .AddInMemoryCollection([new("Mail:From", "Support <support@portability.example>")])
                .AddInMemoryCollection(values.Select(v => KeyValuePair.Create<string, string?>(v.Key, v.Value)))
                .Build()
        );
}
