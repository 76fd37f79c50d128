using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Portability.Demo.Tour;

/// <summary>Fetches a certificate with all that belongs to it, and checks it as a customer would.</summary>
internal sealed class CertificateCheck(PortalClient portal, string token, string folder, Promises promises)
{
    /// <summary>Names of the files that are kept.</summary>
    public static IReadOnlyList<string> Files { get; } =
    ["certificate.json", "certificate.sig", "certificate.pdf", "certificate-key.pem"];

    /// <summary>The certificate, once its signature is verified.</summary>
    public async Task<JsonNode> RunAsync(string casePath, int number, CancellationToken ct)
    {
        byte[] json = await KeepAsync($"{casePath}/certificates/{number}.json", Files[0], ct);
        byte[] signature = await KeepAsync($"{casePath}/certificates/{number}.sig", Files[1], ct);
        byte[] pdf = await KeepAsync($"{casePath}/certificates/{number}.pdf", Files[2], ct);
        JsonNode certificate = JsonNode.Parse(json)!;
        string keyId = certificate["signature"]!["keyId"]!.GetValue<string>();
        byte[] pem = await KeepAsync($"api/v1/certificate-keys/{keyId}.pem", Files[3], ct);

        using ECDsa key = ECDsa.Create();
        key.ImportFromPem(Encoding.ASCII.GetString(pem));
        promises.Expect("the certificate's signature is verified with the public key", Verifies(key, json, signature));
        json[^2] ^= 1;
        promises.Expect("with one byte changed it is not", !Verifies(key, json, signature));
        promises.Expect("there is a PDF of it", pdf.AsSpan().StartsWith("%PDF-"u8));
        return certificate;
    }

    private static bool Verifies(ECDsa key, byte[] content, byte[] signature) =>
        key.VerifyData(content, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    private async Task<byte[]> KeepAsync(string path, string name, CancellationToken ct)
    {
        byte[] content = await portal.GetBytesAsync(path, token, ct);
        await File.WriteAllBytesAsync(Path.Combine(folder, name), content, ct);
        return content;
    }
}
