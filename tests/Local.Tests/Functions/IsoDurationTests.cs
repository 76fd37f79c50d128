using Portability.Local;

namespace Local.Tests.Functions;

public sealed class IsoDurationTests
{
    private static readonly DateTimeOffset Leap = new(2028, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("P1M", "2028-02-29T12:00:00")]
    [InlineData("P1Y1M", "2029-02-28T12:00:00")]
    [InlineData("P2W", "2028-02-14T12:00:00")]
    [InlineData("P1DT1H1M1.5S", "2028-02-01T13:01:01.5")]
    [InlineData("PT0S", "2028-01-31T12:00:00")]
    public void Duration_WellFormed_IsAddedOnTheCalendar(string text, string expected) =>
        Assert.Equal(
            DateTimeOffset.Parse(expected + "Z", System.Globalization.CultureInfo.InvariantCulture),
            IsoDuration.Parse(text)!.AddTo(Leap)
        );

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("P1DT")]
    [InlineData("-P1D")]
    [InlineData("P1.5D")]
    [InlineData("P1H")]
    [InlineData("PT1H ")]
    [InlineData("P99999999999D")]
    public void Duration_Malformed_IsNone(string text) => Assert.Null(IsoDuration.Parse(text));
}
