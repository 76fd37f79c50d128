using System.Collections.Concurrent;
using System.Text;
using Portability.Exports.Formats;
using Portability.Storage;

namespace Portability.Exports;

/// <summary>
/// Makes the one ZIP of an export that was asked for it: every file, README, manifest and checksums. It stands beside the files, and so
/// does a document with its SHA-256: neither can be in the manifest, which is in the ZIP.
/// </summary>
internal sealed class ExportBundle(ExportStore store, ExportCompletion completion, TimeProvider clock)
{
    // Where an export's ZIP was left by the last call in this process.
    private readonly ConcurrentDictionary<ExportRef, string> _cursors = new();

    /// <summary>Works until the ZIP stands (true) or the call's time is over (false). True as well when none was asked for.</summary>
    public async Task<bool> RunAsync(ExportPlan plan, FileWriting writing, CancellationToken cancellationToken)
    {
        if (plan.Bundle is not { } bundle)
        {
            return true;
        }

        var export = plan.Order.Reference;
        _cursors.TryRemove(export, out var cursor);
        switch (await writing.WriteAsync(plan, bundle, cursor, cancellationToken))
        {
            case FileOutcome.More more:
                _cursors[export] = more.Cursor;
                return false;
            case FileOutcome.Done { File: var file }:
                await store.StoreOnceAsync(
                    ExportPaths.Blob(export, ExportPaths.BundleHash),
                    ExportPaths.ContentType("text"),
                    Encoding.UTF8.GetBytes($"{file.Sha256}  {ExportPaths.Bundle}\n"),
                    clock.GetUtcNow(),
                    cancellationToken
                );
                return true;
            default:
                throw new InvalidOperationException("A file is written, or there is more to write.");
        }
    }

    /// <summary>The ZIP's content. Throws <see cref="ExportFileMissingException"/>.</summary>
    public async Task<IFileContent> OpenAsync(ExportPlan plan, CancellationToken cancellationToken)
    {
        var papers = await completion.PrepareAsync(plan, cancellationToken);
        IEnumerable<BundledFile> files =
        [
            Small(ExportPaths.Readme, papers.Readme),
            Small(ExportPaths.Manifest, papers.Manifest),
            Small(ExportPaths.Checksums, papers.Checksums),
        ];
        return new BundleContent(files.Concat(plan.Files.Select(file => Stored(plan, file))), clock.GetUtcNow());
    }

    private static BundledFile Small(string path, byte[] bytes) =>
        new(path, _ => Task.FromResult<Stream>(new MemoryStream(bytes, writable: false)));

    private BundledFile Stored(ExportPlan plan, PlannedFile file) =>
        new(
            file.Path,
            token =>
                store.Blob(ExportPaths.Blob(plan.Order.Reference, file.Path)).OpenReadAsync(cancellationToken: token)
        );
}
