using Portability.Storage;

namespace Portability.Tests.Storage;

[Collection(StoreCollection.Name)]
public sealed class FenceTests(StoreFixture storage)
{
    private TerminationStore Store => storage.Store;

    private static Fence Of(string id, string attempt = "one", int batch = 3) =>
        new($"{id}-erasure-1", batch, Sample.Start, attempt, "lms");

    [Fact]
    public async Task Append_UnderAFence_GoesThroughAndKeepsTheFence()
    {
        string id = StoreFixture.NewId();
        CaseStream at = await Store.AppendAsync(id, "a", Sample.Export(1));
        FencePost before = (await Store.ReadFenceAsync(id, default))!;

        FencePost raised = (await Store.TryRaiseFenceAsync(before, Of(id), default))!;
        AppendOutcome hold = await Store.AppendAsync(at, Sample.One(id, "hold", 2), [], Sample.Summary(), default);

        Assert.IsType<AppendOutcome.Appended>(hold);
        Assert.Equal(Of(id), (await Store.ReadFenceAsync(id, default))!.Fence);
        Assert.Null(await Store.TryRaiseFenceAsync(before, Of(id, "two"), default));
        Assert.Null(await Store.TryRaiseFenceAsync(raised, Of(id, "two"), default));
        await Store.ClearFenceAsync(raised, default);
        Assert.Null((await Store.ReadFenceAsync(id, default))!.Fence);
        Assert.Equal(2, (await Store.LoadAsync(id, default))!.Version);
    }

    [Fact]
    public async Task Clear_OfAFenceThatAnotherAttemptReplaced_LeavesTheOther()
    {
        string id = StoreFixture.NewId();
        await Store.AppendAsync(id, "a", Sample.Export(1));
        FencePost first = (
            await Store.TryRaiseFenceAsync((await Store.ReadFenceAsync(id, default))!, Of(id), default)
        )!;
        FencePost second = (await Store.TryRaiseFenceAsync(first, Of(id, "two"), default))!;

        Assert.Null(await Store.ClearFenceAsync(first, default));
        Assert.Equal("two", (await Store.ReadFenceAsync(id, default))!.Fence!.Attempt);
        FencePost cleared = (await Store.ClearFenceAsync(second, default))!;

        Assert.NotNull(await Store.TryRaiseFenceAsync(cleared, Of(id, "three"), default));
    }

    [Fact]
    public async Task Raise_WhoseAnswerIsLost_IsRecognised()
    {
        string id = StoreFixture.NewId();
        await Store.AppendAsync(id, "a", Sample.Export(1));
        FencePost before = (await Store.ReadFenceAsync(id, default))!;
        FencePost raised = (await Store.TryRaiseFenceAsync(before, Of(id), default))!;

        // The client's own retry of a write that had been carried out meets the changed head.
        FencePost again = (await Store.TryRaiseFenceAsync(before, Of(id), default))!;

        Assert.Equal(raised.Fence, again.Fence);
        await Store.ClearFenceAsync(again, default);
        Assert.Null((await Store.ReadFenceAsync(id, default))!.Fence);
    }
}
