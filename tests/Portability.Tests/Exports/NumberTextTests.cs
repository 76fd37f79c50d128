using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Portability.Exports.Formats;

namespace Portability.Tests.Exports;

/// <summary>Numbers as text: the quick way for numbers of few decimals says what the general way says.</summary>
public sealed class NumberTextTests
{
    [Fact]
    public void Real_OfAnySize_IsTheShortestTextThatReadsBack() =>
        Prop.ForAll(
                ArbMap.Default.ArbFor<double>().Filter(double.IsFinite),
                number => Written(number) == WithPoint(number.ToString("R", CultureInfo.InvariantCulture))
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Real_WithFewDecimals_IsTheShortestTextThatReadsBack()
    {
        var decimals =
            from digits in ArbMap.Default.GeneratorFor<long>()
            from size in Gen.Choose(0, 17)
            from scale in Gen.Choose(0, 8)
            select digits % (long)Math.Pow(10, size) / Math.Pow(10, scale);
        Prop.ForAll(
                decimals.ToArbitrary(),
                number => Written(number) == WithPoint(number.ToString("R", CultureInfo.InvariantCulture))
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    [Theory]
    [InlineData(0.0, "0.0")]
    [InlineData(-0.0, "-0.0")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1E-05")]
    [InlineData(-12.5, "-12.5")]
    [InlineData(100, "100.0")]
    [InlineData(0.1 + 0.2, "0.30000000000000004")]
    [InlineData(99_999_999_999.9999, "99999999999.9999")]
    public void Real_OfAKnownText_IsThatText(double number, string text) => Assert.Equal(text, Written(number));

    private static string Written(double number)
    {
        using var buffer = new RowBuffer();
        NumberText.WriteReal(buffer, number);
        return Encoding.UTF8.GetString(buffer.Written.Span);
    }

    private static string WithPoint(string text) => text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text;
}
