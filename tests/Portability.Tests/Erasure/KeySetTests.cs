using Portability.Erasure;

namespace Portability.Tests.Erasure;

/// <summary>A set of keys says of every number what a plain set says.</summary>
public sealed class KeySetTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 40)]
    [InlineData(3, 5_000)]
    [InlineData(4, long.MaxValue / 3000)]
    public void Contains_AnyNumber_AnswersAsAPlainSet(int seed, long widest)
    {
        var random = new Random(seed);
        var plain = new SortedSet<long>();
        for (var value = -70_000L; plain.Count < 2500; value += 1 + random.NextInt64(widest))
        {
            plain.Add(value);
        }
        var keys = new KeySet();
        foreach (var value in plain)
        {
            Assert.True(keys.TryAdd(value));
        }
        keys.Close();
        var look = keys.NewLook();

        Assert.Equal(plain.Count, keys.Count);
        foreach (var value in plain)
        {
            Assert.True(look.Contains(value));
            Assert.Equal(plain.Contains(value + 1), look.Contains(value + 1));
            Assert.Equal(plain.Contains(value - 1), look.Contains(value - 1));
        }
        Assert.False(look.Contains(long.MinValue));
        Assert.False(look.Contains(long.MaxValue));
    }

    [Fact]
    public void Contains_NumbersWithoutGaps_TakesABitEach()
    {
        var keys = new KeySet();
        for (var value = 0L; value < 1_000_000; value++)
        {
            keys.TryAdd(value);
        }
        keys.Close();
        var look = keys.NewLook();

        Assert.InRange(keys.Bytes, 125_000, 140_000);
        Assert.True(look.Contains(999_999));
        Assert.False(look.Contains(1_000_000));
    }

    [Fact]
    public void Add_NumberThatIsNotLarger_IsRefused()
    {
        var keys = new KeySet();

        Assert.True(keys.TryAdd(-7));
        Assert.False(keys.TryAdd(-7));
        Assert.False(keys.TryAdd(-8));
        Assert.True(keys.TryAdd(0));
        keys.Close();
        var look = keys.NewLook();
        Assert.Equal(2, keys.Count);
        Assert.False(look.Contains(-8));
    }
}
