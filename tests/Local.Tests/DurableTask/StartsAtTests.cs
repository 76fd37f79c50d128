using Microsoft.Extensions.Configuration;
using Portability.Local;

namespace Local.Tests.DurableTask;

public sealed class StartsAtTests
{
    private static readonly DateTimeOffset Day = new(2040, 1, 16, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Clock_OfANewStore_BeginsThere_AndNeverGoesBack()
    {
        using var folder = new StoreFolder();
        DateTimeOffset stopped;
        await using (EngineOnAStore first = await StartAsync(folder, Day))
        {
            Assert.InRange(first.Clock.GetUtcNow(), Day, Day.AddMinutes(1));
            stopped = first.Clock.GetUtcNow();
        }
        await using (EngineOnAStore second = await StartAsync(folder, Day))
        {
            Assert.InRange(second.Clock.GetUtcNow(), stopped, Day.AddMinutes(2));
            await second.PassAsync(TimeSpan.FromDays(10));
        }
        await using EngineOnAStore third = await StartAsync(folder, Day.AddYears(1));
        Assert.InRange(third.Clock.GetUtcNow(), Day.AddDays(10), Day.AddDays(10).AddMinutes(3));
    }

    [Fact]
    public async Task Clock_ThatWouldBeginInThePast_ShowsTheRealTime()
    {
        using var folder = new StoreFolder();
        await using EngineOnAStore engine = await StartAsync(folder, new DateTimeOffset(2001, 1, 1, 0, 0, 0, default));

        Assert.Equal(TimeSpan.Zero, engine.Clock.Offset);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("2040-01-16T09:00:00Z", "2040-01-16T09:00:00Z")]
    [InlineData("2040-01-16T10:00:00+01:00", "2040-01-16T09:00:00Z")]
    public void Setting_IsHeeded(string? value, string? expected) =>
        Assert.Equal(expected is null ? null : DateTimeOffset.Parse(expected), Options(value).StartsAt);

    [Fact]
    public void Setting_ThatIsNoTime_IsRefused() =>
        Assert.Contains(
            "'soon'",
            Assert.Throws<HostStartException>(() => Options("soon")).Message,
            StringComparison.Ordinal
        );

    private static DurableEngineOptions Options(string? startsAt)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Local:StartsAt"] = startsAt })
            .Build();
        return HostFile.EngineOptions(HostFile.Read(configuration), configuration);
    }

    private static Task<EngineOnAStore> StartAsync(StoreFolder folder, DateTimeOffset startsAt) =>
        EngineOnAStore.StartAsync(folder.Store, _ => { }, options => options with { StartsAt = startsAt });
}
