using Portability.Exports;

namespace Portability.Storage;

/// <summary>A short-lived, read-only address of one file of a finished export.</summary>
public sealed record ExportLink(string File, Uri Url, DateTimeOffset ExpiresAt, long Size, string Sha256);

/// <summary>Mints links, anew on each visit, to files that a finished export's manifest names.</summary>
public sealed class ExportLinks
{
    /// <summary>
    /// Links to <paramref name="files"/> (null: all), never valid past <paramref name="notAfter"/>. Throws
    /// <see cref="ExportNotReadyException"/>, <see cref="ExportGoneException"/>, <see cref="ExportFileUnknownException"/>.
    /// </summary>
    public Task<IReadOnlyList<ExportLink>> MintAsync(
        ExportRef export,
        IReadOnlyList<string>? files,
        DateTimeOffset notAfter,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();
}
