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
    public static async Task<Snapshot> TakeAsync(Stage stage, CancellationToken ct) =>
        new(
            await stage.Lms.DigestAsync(stage.Lms.Leaving.CustomerId, ct),
            await stage.Lms.DigestAsync(stage.Lms.Staying.CustomerId, ct),
            await stage.Lms.DigestAsync(customerId: null, ct),
            await BlobsAsync(stage, stage.Lms.Leaving, ct),
            await BlobsAsync(stage, stage.Lms.Staying, ct)
        );

    private static async Task<int> BlobsAsync(Stage stage, SampleCustomer customer, CancellationToken ct)
    {
        BlobContainerClient container = new(stage.Storage, SampleLms.MediaContainer);
        int count = 0;
        await foreach (var _ in container.GetBlobsAsync(prefix: $"{customer.CustomerId}/", cancellationToken: ct))
        {
            count++;
        }

        return count;
    }
}
