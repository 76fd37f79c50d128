using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Portability.Erasure;

/// <summary>
/// The key that signs certificates: ECDSA on P-256 with SHA-256 (ES256). Its id is the beginning of the SHA-256 of the public
/// key's DER form, so that whoever has the public key can see that it is the one.
/// </summary>
public sealed class CertificateKeys : IDisposable
{
    private const string DevelopmentFile = ".portability/certificate-key.pem";
    private readonly ECDsa key;
    private readonly Lock signing = new();

    /// <param name="pem">A private key on P-256, in PEM form.</param>
    /// <exception cref="ArgumentException">It is none.</exception>
    public CertificateKeys(string pem)
    {
        key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            // The parameters are not looked at: exporting them fails for a public key.
            CryptographicOperations.ZeroMemory(key.ExportECPrivateKey());
        }
        catch (Exception unfit) when (unfit is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new ArgumentException("The text holds no private key on a curve, in PEM form.", nameof(pem), unfit);
        }
        if (
            key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value
            != ECCurve.NamedCurves.nistP256.Oid.Value
        )
        {
            key.Dispose();
            throw new ArgumentException("The key is not on the curve P-256.", nameof(pem));
        }
        PublicPem = key.ExportSubjectPublicKeyInfoPem() + "\n";
        KeyId = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, 16));
    }

    /// <summary>Names the key in certificates and in the list of public keys; 32 hex digits.</summary>
    public string KeyId { get; }

    /// <summary>The public half, in PEM form.</summary>
    public string PublicPem { get; }

    /// <summary>
    /// Takes the key from <c>Certificates:SigningKey</c> (the PEM text) or <c>Certificates:SigningKeyFile</c> (its path). On a
    /// developer's machine without either, one is made at the first start and kept in a file under the working directory.
    /// </summary>
    /// <exception cref="InvalidOperationException">None is there, or it cannot sign.</exception>
    public static CertificateKeys Read(IConfiguration settings, IHostEnvironment environment) =>
        Read(settings, environment, DevelopmentFile);

    internal static CertificateKeys Read(IConfiguration settings, IHostEnvironment environment, string developmentFile)
    {
        var text = settings["Certificates:SigningKey"];
        var file = settings["Certificates:SigningKeyFile"];
        bool inAzure =
            settings["WEBSITE_INSTANCE_ID"] is { Length: > 0 } || settings["WEBSITE_SITE_NAME"] is { Length: > 0 };
        if (text is not { Length: > 0 } && file is not { Length: > 0 } && environment.IsDevelopment() && !inAzure)
        {
            file = developmentFile;
            MakeForDevelopment(file);
        }
        try
        {
            // Many places that keep settings allow one line only.
            return new(
                text is { Length: > 0 } ? text.Replace("\\n", "\n", StringComparison.Ordinal)
                : file is { Length: > 0 } ? File.ReadAllText(file)
                : throw new ArgumentException("No key is set.")
            );
        }
        catch (Exception unfit) when (unfit is ArgumentException or IOException or UnauthorizedAccessException)
        {
            // The key itself stays out of messages.
            throw new InvalidOperationException(
                "Certificates of erasure need a signing key: set Certificates__SigningKey to a P-256 private key in PEM form, or "
                    + "Certificates__SigningKeyFile to its path, such as "
                    + "'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256' gives. "
                    + unfit.Message,
                unfit
            );
        }
    }

    /// <summary>The signature over SHA-256 of the bytes, in the DER form that openssl reads.</summary>
    public byte[] Sign(ReadOnlySpan<byte> content)
    {
        lock (signing)
        {
            return key.SignData(content, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
    }

    /// <inheritdoc />
    public void Dispose() => key.Dispose();

    private static void MakeForDevelopment(string path)
    {
        if (File.Exists(path))
        {
            return;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        // Whole under a name of its own first: another process that starts now never reads half a key.
        var draft = $"{path}.{Guid.NewGuid():N}";
        using (var file = new StreamWriter(draft, options))
        {
            file.Write(fresh.ExportPkcs8PrivateKeyPem());
        }
        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
        }
    }
}
