namespace Portability.Exports.Formats;

/// <summary>
/// The bytes of one export file, made piece by piece. It can be left between two pieces and taken up again, so a long file
/// does not need one long call. The same data gives the same bytes.
/// </summary>
internal interface IFileContent : IAsyncDisposable
{
    /// <summary>Rows written so far.</summary>
    long Rows { get; }

    /// <summary>When the snapshot was opened that the content is read from.</summary>
    DateTimeOffset Snapshot { get; }

    /// <summary>
    /// Counts up when the content has had to begin again: all pieces before that are void. Few contents ever do.
    /// </summary>
    int Attempt => 0;

    /// <summary>Adds a piece (about <see cref="RowBuffer.Full"/> bytes) to the output; false when nothing is left to add after it.</summary>
    ValueTask<bool> FillAsync(RowBuffer output, CancellationToken cancellationToken);
}
