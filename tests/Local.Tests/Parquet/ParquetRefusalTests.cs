using Parquet;
using Parquet.Schema;

namespace Local.Tests.Parquet;

/// <summary>What the writer does not take, as the package does not, and what only the package has.</summary>
public sealed class ParquetRefusalTests
{
    private readonly DataField<long> _first = new("first");
    private readonly DataField<string> _second = new("second");

    [Fact]
    public async Task RowGroup_WithColumnsOutOfOrder_NamesTheOneItExpects()
    {
        using var group = (await WriterAsync()).CreateRowGroup();

        var fault = await Assert.ThrowsAsync<ArgumentException>(() => group.WriteAsync(_second, ["a"]));

        Assert.Contains("expected 'first', passed: 'second'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RowGroup_WithColumnsOfDifferentLength_IsRefused()
    {
        using var group = (await WriterAsync()).CreateRowGroup();
        await group.WriteAsync<long>(_first, new long[] { 1, 2 });

        await Assert.ThrowsAsync<InvalidOperationException>(() => group.WriteAsync(_second, ["a"]));
    }

    [Fact]
    public async Task RowGroup_WithAColumnMissingOrTooMany_IsRefused()
    {
        using var group = (await WriterAsync()).CreateRowGroup();
        await group.WriteAsync<long>(_first, new long[] { 1 });
        Assert.Contains(
            "second",
            Assert.Throws<InvalidOperationException>(group.CompleteValidate).Message,
            StringComparison.Ordinal
        );
        await group.WriteAsync(_second, ["a"]);
        group.CompleteValidate();

        await Assert.ThrowsAsync<InvalidOperationException>(() => group.WriteAsync(_second, ["a"]));
    }

    [Fact]
    public async Task RequiredColumn_GivenANullOrAnotherType_IsRefused()
    {
        using var group = (await WriterAsync()).CreateRowGroup();

        await Assert.ThrowsAsync<ArgumentException>(() => group.WriteAsync<long>(_first, new long?[] { 1, null }));
        await Assert.ThrowsAsync<ArgumentException>(() => group.WriteAsync<int>(_first, new[] { 1 }));
    }

    [Fact]
    public async Task Column_OfNoSchema_IsRefused()
    {
        using var group = (await WriterAsync()).CreateRowGroup();

        await Assert.ThrowsAsync<ArgumentException>(() =>
            group.WriteAsync<long>(new DataField<long>("first"), new long[] { 1 })
        );
    }

    [Theory]
    [InlineData("1000")]
    [InlineData("-1000")]
    public async Task Decimal_BeyondItsPrecision_IsRefused(string value)
    {
        var field = new DecimalDataField("money", 5, 2, isNullable: false);
        var writer = await ParquetWriter.CreateAsync(new ParquetSchema(field), new MemoryStream(), Plain());
        using var group = writer.CreateRowGroup();

        await Assert.ThrowsAsync<ParquetException>(() =>
            group.WriteAsync<decimal>(
                field,
                new[] { decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture) }
            )
        );
    }

    [Theory]
    [InlineData(CompressionMethod.Snappy)]
    [InlineData(CompressionMethod.Zstd)]
    public async Task Compression_OnlyThePackageHas_IsRefusedByName(CompressionMethod method)
    {
        var fault = await Assert.ThrowsAsync<NotSupportedException>(() =>
            ParquetWriter.CreateAsync(
                new ParquetSchema(_first),
                new MemoryStream(),
                new() { CompressionMethod = method }
            )
        );

        Assert.Contains(method.ToString(), fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Field_OfATypeWithoutAColumn_IsRefused() =>
        Assert.Throws<NotSupportedException>(() => new DataField<DateTimeOffset>("when"));

    private static ParquetOptions Plain() => new() { CompressionMethod = CompressionMethod.None };

    private Task<ParquetWriter> WriterAsync() =>
        ParquetWriter.CreateAsync(new ParquetSchema(_first, _second), new MemoryStream(), Plain());
}
