using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Portability.Demo;
using Portability.Erasure;
using Portability.Terminations;
using Portability.Tests.Docs;
using Portability.Tests.Exports;
using Portability.Tests.Http;
using static Portability.Tests.Erasure.OrgSample;

namespace Portability.Tests.Erasure;

/// <summary>Certificates as openssl and pdftotext see them.</summary>
[Collection("storage")]
public sealed class CertificateTests(StorageFixture storage) : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("portability-certificate-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Certificate_IsVerifiedByTheCommandsOfThePage()
    {
        using var bench = await ErasedAsync();
        await FilesAsync(bench, bench.Certificates());

        var (status, output) = Shell(Page.Read("docs/certificate.md").Blocks("bash"));

        Assert.True(status == 0, output);
        string[] lines = output.TrimEnd().Split('\n');
        Assert.Equal("Verified OK", lines[0]);
        Assert.Matches("^[0-9a-f]{32}$", lines[1]);
        Assert.Contains(lines[1], lines[2], StringComparison.Ordinal);
        Assert.Contains(lines[3], await PdfTextAsync("en"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificate_WithAnyByteChanged_FailsToVerify()
    {
        using var bench = await ErasedAsync();
        await FilesAsync(bench, bench.Certificates());
        var path = Path.Combine(folder.FullName, "certificate.json");
        var bytes = await File.ReadAllBytesAsync(path);
        for (var at = 0; at < bytes.Length; at += bytes.Length / 7)
        {
            var changed = bytes.ToArray();
            changed[at] ^= 1;
            await File.WriteAllBytesAsync(path, changed);

            var (status, output) = Shell([Page.Read("docs/certificate.md").Blocks("bash")[0]]);

            Assert.NotEqual(0, status);
            Assert.Contains("Verification failure", output, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Pdf_InEachLanguage_HasTheNumbersOfTheJson()
    {
        using var bench = await ErasedAsync();
        await FilesAsync(bench, bench.Certificates());
        using var json = JsonDocument.Parse(
            await File.ReadAllBytesAsync(Path.Combine(folder.FullName, "certificate.json"))
        );
        var lines = json.RootElement.GetProperty("datasets").EnumerateArray().ToList();
        Assert.Contains(lines, line => line.GetProperty("retained").GetInt64() > 0);

        foreach (
            var (language, title, page) in new[]
            {
                ("en", "Certificate of erasure", "Page 1 of"),
                ("sv", "Intyg om radering", "Sida 1 av"),
                ("nb", "Bekreftelse på sletting", "Side 1 av"),
            }
        )
        {
            var text = await PdfTextAsync(language);
            Assert.Contains(title, text, StringComparison.Ordinal);
            Assert.Contains(page, text, StringComparison.Ordinal);
            foreach (var line in lines)
            {
                string[] numbers =
                [
                    .. new[]
                    {
                        "before",
                        "exported",
                        "sinceExport",
                        "deleted",
                        "anonymised",
                        "unlinked",
                        "retained",
                        "held",
                    }.Select(name => Number(line.GetProperty(name))),
                    line.GetProperty("keptParents") is { ValueKind: JsonValueKind.Object } parents
                        ? Number(parents.GetProperty("rows"))
                        : "0",
                    .. new[] { "tombstones", "goneOtherwise", "after" }.Select(name => Number(line.GetProperty(name))),
                ];
                Assert.Matches(
                    $@"(?m)^ *{line.GetProperty("dataset").GetString()} .* {string.Join(" +", numbers)} ",
                    text
                );
            }
            Assert.Contains(
                json.RootElement.GetProperty("eventChain").GetProperty("hash").GetString()!,
                text,
                StringComparison.Ordinal
            );
            Assert.Contains("cd12", text, StringComparison.Ordinal);
            Assert.Contains("2027-08-05", text, StringComparison.Ordinal);
            Assert.Contains("The bookkeeping act", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Key_ThatIsReplaced_StaysListedAndVerifies()
    {
        using var bench = await ErasedAsync();
        using var old = new CertificateKeys(AppSettings.SigningKey());
        using var next = new CertificateKeys(AppSettings.SigningKey());
        await bench.Certificates(old).IssueAsync(new(bench.CaseId, 1), Facts(bench), CancellationToken.None);

        // Whoever asks again, with whatever key, gets what was issued.
        await FilesAsync(bench, bench.Certificates(next), old.KeyId);

        var keys = await bench.Certificates(next).PublicKeysAsync(CancellationToken.None);
        Assert.Contains(old.KeyId, keys.Keys);
        Assert.Contains(next.KeyId, keys.Keys);
        var (status, output) = Shell([Page.Read("docs/certificate.md").Blocks("bash")[0]]);
        Assert.True(status == 0, output);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "key.pem"), next.PublicPem);
        Assert.NotEqual(0, Shell([Page.Read("docs/certificate.md").Blocks("bash")[0]]).Status);
    }

    [Fact]
    public async Task Certificate_AfterAnother_NamesWhatItSupersedes()
    {
        using var bench = await ErasedAsync();
        var facts = Facts(bench) with { Supersedes = "case-0" };
        var issued = await bench.Certificates().IssueAsync(new(bench.CaseId, 1), facts, CancellationToken.None);
        await FilesAsync(bench, bench.Certificates());
        Assert.Equal($"{bench.CaseId}-1", issued.Number);
        Assert.Matches("Supersedes certificate +case-0", await PdfTextAsync("en"));
    }

    [Theory]
    [InlineData("before", 1)]
    [InlineData("deleted", 1)]
    [InlineData("retained", -1)]
    [InlineData("after", 1)]
    [InlineData("goneOtherwise", -1)]
    public async Task Numbers_ThatDoNotAddUp_AreFound(string number, long by)
    {
        using var bench = await ErasedAsync();
        await bench.Certificates().IssueAsync(new(bench.CaseId, 1), Facts(bench), CancellationToken.None);
        var json = await bench.Certificates().ReadAsync(new(bench.CaseId, 1), CancellationToken.None);
        var certificate = JsonSerializer.Deserialize<ErasureCertificate>(json!, RunStore.Json)!;
        Assert.Empty(CertificateReconciliation.Check(certificate));

        var wrong = certificate with
        {
            Datasets =
            [
                .. certificate.Datasets.Select(line =>
                    line.Dataset != "invoices" ? line
                    : number == "before" ? line with { Before = line.Before + by }
                    : number == "deleted" ? line with { Deleted = line.Deleted + by }
                    : number == "retained" ? line with { Retained = line.Retained + by }
                    : number == "after" ? line with { After = line.After + by }
                    : line with { GoneOtherwise = line.GoneOtherwise + by }
                ),
            ],
        };

        Assert.All(CertificateReconciliation.Check(wrong), finding => Assert.StartsWith("invoices: ", finding));
        Assert.NotEmpty(CertificateReconciliation.Check(wrong));
    }

    [Fact]
    public async Task Certificate_OfARecountThatDoesNotAddUp_IsNotIssued()
    {
        using var bench = await ErasedAsync();
        var run = new ErasureRef(bench.CaseId, 1);
        var runs = new RunStore(new(storage.ConnectionString), ErasureBench.Keys);
        var report = (await runs.FindReportAsync(run, CancellationToken.None))!;
        await runs.KeepReportAsync(
            report with
            {
                Datasets =
                [
                    .. report.Datasets.Select(line =>
                        line.Deleted > 0 ? line with { Deleted = line.Deleted - 1 } : line
                    ),
                ],
            },
            CancellationToken.None
        );

        var refused = await Assert.ThrowsAsync<CertificateNotReconciledException>(() =>
            bench.Certificates().IssueAsync(run, Facts(bench), CancellationToken.None)
        );

        Assert.Contains("accounted for", refused.Message, StringComparison.Ordinal);
        Assert.Null(await bench.Certificates().ReadAsync(run, CancellationToken.None));
    }

    [Fact]
    public void SigningKey_OnADevelopersMachine_IsMadeOnceAndKeptFromOthers()
    {
        var path = Path.Combine(folder.FullName, "made", "key.pem");
        using var first = CertificateKeys.Read(Settings(), new TestEnvironment("Development"), path);
        using var second = CertificateKeys.Read(Settings(), new TestEnvironment("Development"), path);

        Assert.Equal(first.KeyId, second.KeyId);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
        Assert.Throws<InvalidOperationException>(() =>
            CertificateKeys.Read(Settings(), new TestEnvironment("Production"), path)
        );
        Assert.Throws<InvalidOperationException>(() =>
            CertificateKeys.Read(Settings(("WEBSITE_SITE_NAME", "app")), new TestEnvironment("Development"), path)
        );
    }

    [Fact]
    public void SigningKey_OfAnotherKind_IsRefusedWithoutRepeatingIt()
    {
        using var rsa = RSA.Create(2048);
        using var wide = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var good = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string[] wrong =
        [
            rsa.ExportPkcs8PrivateKeyPem(),
            wide.ExportPkcs8PrivateKeyPem(),
            good.ExportSubjectPublicKeyInfoPem(),
            "no key",
        ];
        foreach (var pem in wrong)
        {
            var refused = Assert.Throws<InvalidOperationException>(() =>
                CertificateKeys.Read(Settings(("Certificates:SigningKey", pem)), new TestEnvironment("Development"))
            );
            Assert.DoesNotContain(pem.Split('\n')[^1], refused.ToString(), StringComparison.Ordinal);
        }
        var oneLine = good.ExportPkcs8PrivateKeyPem().Replace("\n", "\\n", StringComparison.Ordinal);
        using var keys = CertificateKeys.Read(
            Settings(("Certificates:SigningKey", oneLine)),
            new TestEnvironment("Production")
        );
        Assert.Equal(32, keys.KeyId.Length);
    }

    private async Task<ErasureBench> ErasedAsync()
    {
        var bench = new ErasureBench(storage.ConnectionString, Schema, Map);
        await bench.RunAsync(bench.Order());
        await bench.VerifyAsync();
        return bench;
    }

    private static CertificateFacts Facts(ErasureBench bench) =>
        new()
        {
            ContractId = "k-1",
            Actors = ["agent-1", "officer-1"],
            StartedAt = bench.Order().AsOf,
            CompletedAt = bench.Order().AsOf,
            StreamVersion = 7,
            StreamHash = "ab12",
            Export = 1,
            ManifestSha256 = "cd12",
            Exported = new Dictionary<string, long> { ["posts"] = 4, ["invoices"] = 1 },
        };

    /// <summary>The three files of the page, and the PDFs, as a customer downloads them.</summary>
    private async Task FilesAsync(ErasureBench bench, Certificates certificates, string? keyId = null)
    {
        var run = new ErasureRef(bench.CaseId, 1);
        await certificates.IssueAsync(run, Facts(bench), CancellationToken.None);
        var keys = await certificates.PublicKeysAsync(CancellationToken.None);
        await KeepAsync("certificate.json", (await certificates.ReadAsync(run, CancellationToken.None))!);
        await KeepAsync("certificate.sig", (await certificates.ReadSignatureAsync(run, CancellationToken.None))!);
        await KeepAsync("key.pem", System.Text.Encoding.ASCII.GetBytes(keys[keyId ?? certificates.CurrentKeyId]));
        foreach (var language in Certificates.Languages)
        {
            await KeepAsync(
                $"{language}.pdf",
                (await certificates.ReadPdfAsync(run, language, CancellationToken.None))!
            );
        }
    }

    private Task KeepAsync(string name, byte[] content) =>
        File.WriteAllBytesAsync(Path.Combine(folder.FullName, name), content);

    private Task<string> PdfTextAsync(string language) =>
        Tool.RunAsync("pdftotext", ["-layout", "-enc", "UTF-8", Path.Combine(folder.FullName, $"{language}.pdf"), "-"]);

    private (int Status, string Output) Shell(IEnumerable<string> commands)
    {
        using var shell = Process.Start(
            new ProcessStartInfo("bash", ["-c", "set -euo pipefail\nexec 2>&1\n" + string.Join('\n', commands)])
            {
                WorkingDirectory = folder.FullName,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            }
        )!;
        var output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return (shell.ExitCode, output);
    }

    private static string Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null ? "–" : Regex.Escape(value.GetRawText());

    private static IConfiguration Settings(params (string Name, string Value)[] values) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(value => KeyValuePair.Create(value.Name, (string?)value.Value)))
            .Build();
}
