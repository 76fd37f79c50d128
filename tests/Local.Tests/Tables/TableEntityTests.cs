using System.Runtime.Serialization;
using Azure;
using Azure.Data.Tables;

namespace Portability.Local.Tests.Tables;

[Collection(StorageCollection.Name)]
public sealed class TableEntityTests(StorageFixture storage)
{
    private static readonly DateTimeOffset Instant = new(2027, 3, 31, 22, 15, 16, 123, TimeSpan.Zero);

    [Fact]
    public async Task TableEntity_OfEveryType_ReadsBackAsWritten()
    {
        TableClient table = await storage.NewTableAsync();
        var id = Guid.NewGuid();
        var entity = new TableEntity("p", "r")
        {
            ["Text"] = "it's \"quoted\", {braced}, \u2028 snowman ☃ and 漢字",
            ["Empty"] = "",
            ["Yes"] = true,
            ["Int"] = int.MinValue,
            ["Long"] = long.MaxValue,
            ["Whole"] = 3.0,
            ["Real"] = 0.1,
            ["Infinite"] = double.NegativeInfinity,
            ["Id"] = id,
            ["At"] = Instant,
            ["Bytes"] = new byte[] { 0, 1, 255 },
            ["Null"] = null,
        };
        await table.AddEntityAsync(entity);

        TableEntity read = await table.GetEntityAsync<TableEntity>("p", "r");

        Assert.Equal(entity["Text"], read.GetString("Text"));
        Assert.Equal("", read.GetString("Empty"));
        Assert.True(read.GetBoolean("Yes"));
        Assert.Equal(int.MinValue, read.GetInt32("Int"));
        Assert.Equal(long.MaxValue, read.GetInt64("Long"));
        Assert.Equal(3.0, read.GetDouble("Whole"));
        Assert.Equal(0.1, read.GetDouble("Real"));
        Assert.Equal(double.NegativeInfinity, read.GetDouble("Infinite"));
        Assert.Equal(id, read.GetGuid("Id"));
        Assert.Equal(Instant, read.GetDateTimeOffset("At"));
        Assert.Equal(Instant.UtcDateTime, read.GetDateTime("At"));
        Assert.IsType<DateTimeOffset>(read["At"]);
        Assert.Equal(new byte[] { 0, 1, 255 }, read.GetBinary("Bytes"));
        Assert.Equal(new byte[] { 0, 1, 255 }, read.GetBinaryData("Bytes").ToArray());
        Assert.False(read.ContainsKey("Null"));
        Assert.Null(read.GetInt32("Absent"));
        Assert.NotEqual(default, read.ETag);
        Assert.NotNull(read.Timestamp);
        Assert.Throws<InvalidOperationException>(() => read.GetInt32("Text"));
    }

    [Fact]
    public async Task Model_OfEveryType_ReadsBackAsWritten()
    {
        TableClient table = await storage.NewTableAsync();
        var model = new Model
        {
            PartitionKey = "p",
            RowKey = "r",
            Text = "x",
            Whole = 7,
            Long = -1,
            Ulong = 5,
            Real = 2.0,
            Truth = true,
            Id = Guid.NewGuid(),
            At = Instant,
            Time = Instant.UtcDateTime,
            Bytes = [1, 2],
            Data = new BinaryData(new byte[] { 3 }),
            Colour = Colour.Green,
            Renamed = "renamed",
            Ignored = "never stored",
        };
        await table.AddEntityAsync(model);

        Model read = await table.GetEntityAsync<Model>("p", "r");
        TableEntity bag = await table.GetEntityAsync<TableEntity>("p", "r");

        Assert.Equal(model.Text, read.Text);
        Assert.Equal(model.Whole, read.Whole);
        Assert.Equal(model.Long, read.Long);
        Assert.Equal(model.Ulong, read.Ulong);
        Assert.Equal(model.Real, read.Real);
        Assert.Equal(model.Truth, read.Truth);
        Assert.Equal(model.Id, read.Id);
        Assert.Equal(model.At, read.At);
        Assert.Equal(model.Time, read.Time);
        Assert.Equal(model.Bytes, read.Bytes);
        Assert.Equal(model.Data.ToArray(), read.Data!.ToArray());
        Assert.Equal(Colour.Green, read.Colour);
        Assert.Null(read.Absent);
        Assert.Equal("renamed", read.Renamed);
        Assert.Equal("renamed", bag.GetString("other"));
        Assert.Equal("Green", bag.GetString("Colour"));
        Assert.False(bag.ContainsKey("Ignored"));
    }

    [Fact]
    public async Task TableEntity_WithAnUnsupportedType_IsRefusedByName()
    {
        TableClient table = await storage.NewTableAsync();
        var failure = await Assert.ThrowsAsync<NotSupportedException>(() =>
            table.AddEntityAsync(new TableEntity("p", "r") { ["Price"] = 1.5m })
        );
        Assert.Contains("Price", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TableEntity_IntegerOverAWiderNumber_KeepsTheWiderType()
    {
        var entity = new TableEntity { ["n"] = 1L, ["d"] = 1.5 };
        entity["n"] = 2;
        entity["d"] = 2;
        Assert.Equal(2L, entity.GetInt64("n"));
        Assert.Equal(2.0, entity.GetDouble("d"));
    }

    [Theory]
    [InlineData("contract|a b")]
    [InlineData("it's")]
    [InlineData("e|0000000001")]
    [InlineData("100%")]
    [InlineData("å~(x),+&=")]
    [InlineData("")]
    public async Task Keys_OfAnyAllowedCharacters_FindTheirRow(string key)
    {
        TableClient table = await storage.NewTableAsync();
        await table.AddEntityAsync(new TableEntity(key, key) { ["n"] = 1 });
        await table.UpdateEntityAsync(new TableEntity(key, key) { ["m"] = 2 }, ETag.All);

        TableEntity read = await table.GetEntityAsync<TableEntity>(key, key);
        Assert.Equal((1, 2), (read.GetInt32("n"), read.GetInt32("m")));
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {key} and RowKey eq {key}");
        Assert.Single(table.Query<TableEntity>(filter));
        Assert.Equal(204, (await table.DeleteEntityAsync(key, key)).Status);
    }

    internal enum Colour
    {
        Red,
        Green,
    }

    internal sealed class Model : ITableEntity
    {
        public string PartitionKey { get; set; } = "";
        public string RowKey { get; set; } = "";
        public DateTimeOffset? Timestamp { get; set; }
        public ETag ETag { get; set; }

        public string? Text { get; set; }
        public int Whole { get; set; }
        public long? Long { get; set; }
        public ulong Ulong { get; set; }
        public double Real { get; set; }
        public bool Truth { get; set; }
        public Guid Id { get; set; }
        public DateTimeOffset At { get; set; }
        public DateTime Time { get; set; }
        public byte[]? Bytes { get; set; }
        public BinaryData? Data { get; set; }
        public Colour Colour { get; set; }
        public int? Absent { get; set; }

        [DataMember(Name = "other")]
        public string? Renamed { get; set; }

        [IgnoreDataMember]
        public string? Ignored { get; set; }
    }
}
