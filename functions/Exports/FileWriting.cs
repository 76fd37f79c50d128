using System.Collections.Concurrent;
using Portability.Storage;

namespace Portability.Exports;

/// <summary>
/// Writes single files of a plan. A file that takes longer than a call may last is left half written in memory, source
/// snapshot and all, and taken up by the next call; if that comes to another process, it is written again whole there. If it fails here, the next call
/// begins it anew and may leave it again.
/// </summary>
internal sealed class FileWriting(
    FileContents contents,
    ExportBundle bundle,
    ExportStore store,
    ExportProgress progress,
    ExportLimits limits,
    TimeProvider clock
) : IAsyncDisposable
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, WriteSession> _halfWritten = new(StringComparer.Ordinal);

    /// <summary>Cursors of files that failed after they had been taken up here: their calls are repeated as they were.</summary>
    private readonly ConcurrentDictionary<string, bool> _failed = new(StringComparer.Ordinal);

    public async Task<FileOutcome> WriteAsync(
        ExportPlan plan,
        PlannedFile file,
        string? cursor,
        CancellationToken cancellationToken
    )
    {
        await DropForgottenAsync();
        var export = plan.Order.Reference;
        var name = ExportPaths.Blob(export, file.Path);
        if (await store.FindAsync(name, cancellationToken) is { } finished)
        {
            return await DoneAsync(export, file, finished, cancellationToken);
        }

        try
        {
            return await AdvanceAsync(plan, file, name, cursor, cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException and not ExportGoneException)
        {
            await UndoIfErasedAsync(export, name, cancellationToken);
            // The customer reads this: a value that no format holds is named, other faults may tell hosts and paths.
            string reason = failure is UnwritableValueException ? failure.Message : failure.GetType().Name;
            await progress.WriteAsync(export, file, FileState.Failed, 0, 0, reason, cancellationToken);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var cursor in _halfWritten.Keys)
        {
            if (_halfWritten.TryRemove(cursor, out var session))
            {
                await session.DisposeAsync();
            }
        }
    }

    private async Task<FileOutcome> AdvanceAsync(
        ExportPlan plan,
        PlannedFile file,
        string name,
        string? cursor,
        CancellationToken cancellationToken
    )
    {
        var export = plan.Order.Reference;
        cursor = cursor is not null && _failed.ContainsKey(cursor) ? null : cursor;
        var resumed = cursor is not null && _halfWritten.TryRemove(cursor, out var found) ? found : null;
        var session = resumed ?? await OpenAsync(plan, file, name, cancellationToken);
        var keep = false;
        try
        {
            var (begun, reported) = (clock.GetTimestamp(), clock.GetTimestamp());
            while (await session.StepAsync(cancellationToken))
            {
                if (clock.GetElapsedTime(reported) > ReportEvery)
                {
                    reported = clock.GetTimestamp();
                    await ReportAsync(export, file, session, cancellationToken);
                }

                // Someone else's cursor means that the first process is gone: then the file is finished in one go, however
                // long that takes, since the next call might again come elsewhere.
                if (clock.GetElapsedTime(begun) > limits.CallBudget && (cursor is null || resumed is not null))
                {
                    await ReportAsync(export, file, session, cancellationToken);
                    session.LastUsed = clock.GetTimestamp();
                    var next = cursor ?? Guid.NewGuid().ToString("N");
                    keep = _halfWritten.TryAdd(next, session);
                    return new FileOutcome.More(next);
                }
            }

            var facts = await session.CommitAsync(cancellationToken);
            await UndoIfErasedAsync(export, name, cancellationToken);
            return await DoneAsync(export, file, facts, cancellationToken);
        }
        catch when (resumed is not null)
        {
            _failed[cursor!] = true;
            throw;
        }
        finally
        {
            if (!keep)
            {
                await session.DisposeAsync();
            }
        }
    }

    private async Task<WriteSession> OpenAsync(
        ExportPlan plan,
        PlannedFile file,
        string name,
        CancellationToken cancellationToken
    )
    {
        // A block list holds 50,000 blocks: media beyond 390 GiB takes larger ones.
        var blockSize = (int)
            Math.Max(limits.BlockSize, file.Format == ExportFormats.Media ? file.Expected / 40_000 ?? 0 : 0);
        var opened =
            file.Format == ExportFormats.Zip
                ? OpenedContent.Own(await bundle.OpenAsync(plan, cancellationToken))
                : await contents.OpenSharedAsync(plan, file, cancellationToken);
        try
        {
            var type = ExportPaths.ContentType(file.Format);
            await store.EnsureContainerAsync(cancellationToken);
            return new WriteSession(opened, () => store.Open(name, type, blockSize));
        }
        catch
        {
            await opened.Content.DisposeAsync();
            throw;
        }
    }

    private Task ReportAsync(
        ExportRef export,
        PlannedFile file,
        WriteSession session,
        CancellationToken cancellationToken
    ) => progress.WriteAsync(export, file, FileState.Writing, session.Rows, session.Bytes, null, cancellationToken);

    private async Task<FileOutcome> DoneAsync(
        ExportRef export,
        PlannedFile file,
        ExportFileFacts facts,
        CancellationToken cancellationToken
    )
    {
        await progress.WriteAsync(export, file, FileState.Done, facts.Rows, facts.Size, null, cancellationToken);
        return new FileOutcome.Done(new WrittenFile(file.Path, facts.Size, facts.Sha256, facts.Rows, facts.Snapshot));
    }

    /// <summary>
    /// Erasure takes the plan first, then the files. So a file that was committed while it ran is found here, if not there.
    /// </summary>
    private async Task UndoIfErasedAsync(ExportRef export, string name, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(ExportPaths.Plan(export), cancellationToken) is null)
        {
            await store.DeleteAsync(name, cancellationToken);
            await progress.EraseAsync(export, cancellationToken);
            throw new ExportGoneException(export);
        }
    }

    private async Task DropForgottenAsync()
    {
        foreach (var (cursor, session) in _halfWritten)
        {
            if (clock.GetElapsedTime(session.LastUsed) > limits.SessionIdle && _halfWritten.TryRemove(cursor, out _))
            {
                await session.DisposeAsync();
            }
        }
    }
}
