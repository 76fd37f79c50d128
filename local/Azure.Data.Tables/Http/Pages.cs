namespace Azure.Data.Tables.Http;

/// <summary>Gives the page that a continuation token names, the first one for null.</summary>
delegate ValueTask<Page<T>> NextPage<T>(bool async, string continuationToken, int? pageSize);

/// <summary>Rows page by page; nothing is asked before it is enumerated.</summary>
sealed class AsyncPages<T>(NextPage<T> next, int? defaultPageSize, CancellationToken ct) : AsyncPageable<T>(ct)
{
    public override async IAsyncEnumerable<Page<T>> AsPages(string continuationToken = null, int? pageSizeHint = null)
    {
        do
        {
            var page = await next(true, continuationToken, pageSizeHint ?? defaultPageSize).ConfigureAwait(false);
            yield return page;
            continuationToken = page.ContinuationToken;
        } while (!string.IsNullOrEmpty(continuationToken));
    }
}

/// <summary>The synchronous twin of <see cref="AsyncPages{T}"/>.</summary>
sealed class Pages<T>(NextPage<T> next, int? defaultPageSize, CancellationToken ct) : Pageable<T>(ct)
{
    public override IEnumerable<Page<T>> AsPages(string continuationToken = null, int? pageSizeHint = null)
    {
        do
        {
            var page = next(false, continuationToken, pageSizeHint ?? defaultPageSize).Completed();
            yield return page;
            continuationToken = page.ContinuationToken;
        } while (!string.IsNullOrEmpty(continuationToken));
    }
}

static class Synchronously
{
    /// <summary>The result of a call that was told to run synchronously and so has ended when it returns.</summary>
    public static T Completed<T>(this ValueTask<T> task)
    {
        if (!task.IsCompleted)
        {
            throw new InvalidOperationException("A synchronous call went on asynchronously.");
        }
#pragma warning disable VSTHRD002, CA2012, MA0042 // It has ended: nothing is waited for.
        return task.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002, CA2012, MA0042
    }
}
