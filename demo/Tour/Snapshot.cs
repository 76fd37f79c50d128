using Azure.Storage.Blobs;

namespace Portability.Demo.Tour;

/// <summary>What both customers have at one moment, by the sample's own rules.</summary>
internal sealed record Snapshot(
    LmsDigest Leaving,
    LmsDigest Staying,
    LmsDigest Shared,
    int LeavingBlobs,
    int StayingBlobs
)
{
    public static async Task<Snapshot> TakeAsync(SampleLms lms, string storage, CancellationToken ct) =>
        new(
            await lms.DigestAsync(lms.Leaving.CustomerId, ct),
            await lms.DigestAsync(lms.Staying.CustomerId, ct),
            await lms.DigestAsync(customerId: null, ct),
            await BlobsAsync(storage, lms.Leaving, ct),
            await BlobsAsync(storage, lms.Staying, ct)
        );

    private static async Task<int> BlobsAsync(string storage, SampleCustomer customer, CancellationToken ct)
    {
        BlobContainerClient container = new(storage, SampleLms.MediaContainer);
        int count = 0;
        await foreach (var _ in container.GetBlobsAsync(prefix: $"{customer.CustomerId}/", cancellationToken: ct))
        {
            count++;
        }

        return count;
    }
}
