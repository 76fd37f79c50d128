using System.Globalization;
using System.Security.Cryptography;
using static Portability.Demo.Lms.SampleShape;

namespace Portability.Demo.Lms;

/// <summary>One file of the media container: its name there, its name for people, and how to make its bytes again.</summary>
internal sealed record MediaFile(string BlobName, string FileName, string ContentType, int Size, int Seed, long Id)
{
    private static readonly Dictionary<string, byte[]> Signatures = new(StringComparer.Ordinal)
    {
        ["image/png"] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A],
        ["application/pdf"] = "%PDF-1.7\n"u8.ToArray(),
        ["video/mp4"] = [0, 0, 0, 0x18, .. "ftypmp42"u8],
    };

    /// <summary>The bytes: the signature of the kind, then noise that depends on the seed and the file alone.</summary>
    public byte[] Content()
    {
        byte[] bytes = new byte[Size];
        new SampleRandom(Seed, string.Create(CultureInfo.InvariantCulture, $"media {BlobName}")).Fill(bytes);
        if (Signatures.TryGetValue(ContentType, out byte[]? signature))
        {
            signature.AsSpan(0, Math.Min(signature.Length, Size)).CopyTo(bytes);
        }

        return bytes;
    }
}

/// <summary>Media files: their rows, and the list that the container is filled from.</summary>
internal static class MediaRows
{
    // Names that are the same in two folders, differ in case only, or need escaping somewhere on their way.
    private static readonly (string Name, string Type)[] Names =
    [
        ("intro video.mp4", "video/mp4"),
        ("slides.pdf", "application/pdf"),
        ("Slides.PDF", "application/pdf"),
        ("Överblick – kapitel 1.pdf", "application/pdf"),
        ("100% klar #1 (kopia).png", "image/png"),
        ("a+b&c=d;e.png", "image/png"),
        ("درس.pdf", "application/pdf"),
        ("课程 介绍.mp4", "video/mp4"),
        ("μάθημα.png", "image/png"),
        ("👍🏽 bra.png", "image/png"),
        ("it's \"quoted\".pdf", "application/pdf"),
        ("no extension", "application/octet-stream"),
        ("e\u0301t\u00E9.png", "image/png"),
    ];

    /// <summary>The customer's files that a row of <c>media_files</c> knows, in the order of their ids.</summary>
    public static IEnumerable<MediaFile> Known(int seed, int tenant, string customerId, int count)
    {
        SampleRandom random = new(seed, string.Create(CultureInfo.InvariantCulture, $"media of {tenant}"));
        for (int n = 0; n < count; n++)
        {
            (string name, string type) = Names[n % Names.Length];
            int size =
                n == 7 ? 0
                : random.Next(10) == 0 ? random.Between(200_000, 400_000)
                : random.Between(500, 40_000);
            string blob = string.Create(
                CultureInfo.InvariantCulture,
                $"{customerId}/courses/{(n / Names.Length) + 1}/{name}"
            );
            yield return new MediaFile(blob, name, type, size, seed, Id(tenant, n));
        }
    }

    /// <summary>Files that no row mentions: uploads that were never finished, or whose row is gone. They are the customer's all the same.</summary>
    public static IEnumerable<MediaFile> Unknown(int seed, int tenant, string customerId)
    {
        for (int n = 0; n < 3 + tenant; n++)
        {
            string blob = string.Create(CultureInfo.InvariantCulture, $"{customerId}/uploads/tmp-{n}.png");
            yield return new MediaFile(blob, Path.GetFileName(blob), "image/png", 2000 + n, seed, 0);
        }
    }

    public static void Write(SampleBuild build) =>
        build.Table(
            "media_files",
            "id organisation_id uploaded_by blob_name file_name content_type size sha256 uploaded_at",
            (rows, random) =>
            {
                MediaFile[][] files =
                [
                    .. build.Customers.Select(
                        (customer, tenant) =>
                            Known(build.Seed, tenant, customer.CustomerId, build.Shape.Media[tenant]).ToArray()
                    ),
                ];
                foreach ((int tenant, int n) in Interleave(build.Shape.Media))
                {
                    MediaFile file = files[tenant][n];
                    rows.Write(
                        file.Id,
                        tenant + 1,
                        n % 6 == 5 ? null : Id(tenant, n % build.Shape.Users[tenant]),
                        file.BlobName,
                        file.FileName,
                        file.ContentType,
                        file.Size,
                        Convert.ToHexStringLower(SHA256.HashData(file.Content())),
                        build.Instant(random, random.Between(60, 600))
                    );
                }
            }
        );
}
