namespace Portability.Exports.Formats;

/// <summary>A stored file, byte for byte.</summary>
internal sealed class MediaContent(Stream source, DateTimeOffset snapshot) : IFileContent
{
    public long Rows => 1;

    public DateTimeOffset Snapshot => snapshot;

    public async ValueTask<bool> FillAsync(RowBuffer output, CancellationToken cancellationToken)
    {
        while (!output.IsFull)
        {
            var read = await source.ReadAsync(output.GetMemory(RowBuffer.Full - output.Length), cancellationToken);
            if (read == 0)
            {
                return false;
            }

            output.Advance(read);
        }

        return true;
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
