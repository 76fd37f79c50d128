using System.Globalization;
using System.IO.Compression;
using Parquet;
using Parquet.Schema;

namespace Local.Tests.Parquet;

/// <summary>Files written through the official API and read back by hyparquet and DuckDB.</summary>
public sealed class ParquetFileTests : IDisposable
{
    private static readonly DateTime Instant = new(2026, 2, 3, 4, 5, 6, 789, DateTimeKind.Utc);

    private readonly string _folder = Directory.CreateTempSubdirectory("portability-parquet-").FullName;

    [Theory]
    [InlineData(CompressionMethod.None)]
    [InlineData(CompressionMethod.Gzip)]
    [InlineData(CompressionMethod.Brotli)]
    public async Task File_OfEveryType_ReadsBackWithValuesAndTypes(CompressionMethod compression)
    {
        Column[] columns =
        [
            Column.Of("flag", [true, false, true], "true", "false", "true"),
            Column.Of("int8", [sbyte.MinValue, (sbyte)0, sbyte.MaxValue], "-128", "0", "127"),
            Column.Of("uint8", [byte.MinValue, (byte)7, byte.MaxValue], "0", "7", "255"),
            Column.Of("int16", [short.MinValue, (short)0, short.MaxValue], "-32768", "0", "32767"),
            Column.Of("uint16", [(ushort)0, (ushort)1, ushort.MaxValue], "0", "1", "65535"),
            Column.Of("int32", [int.MinValue, 0, int.MaxValue], "-2147483648", "0", "2147483647"),
            Column.Of("uint32", [0u, 1u, uint.MaxValue], "0", "1", "4294967295"),
            Column.Of("int64", [long.MinValue, 0, long.MaxValue], "-9223372036854775808", "0", "9223372036854775807"),
            Column.Of("uint64", [0ul, 1ul, ulong.MaxValue], "0", "1", "18446744073709551615"),
            Column.Of("float32", [-1.5f, 0f, 3.25f], "-1.5", "0.0", "3.25"),
            Column.Of("float64", [double.MinValue, 1e-300, 0.1], "-1.7976931348623157e+308", "1e-300", "0.1"),
            Column.Of(
                "day",
                [new DateOnly(1, 1, 1), new DateOnly(1969, 12, 31), new DateOnly(9999, 12, 31)],
                "0001-01-01",
                "1969-12-31",
                "9999-12-31"
            ),
            Column.Of(
                "id",
                [Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), Guid.Empty, Guid.AllBitsSet],
                "00112233-4455-6677-8899-aabbccddeeff",
                Guid.Empty.ToString(),
                Guid.AllBitsSet.ToString()
            ),
            Column.Of(
                new DateTimeDataField("utc_micros", DateTimeFormat.Timestamp, true, DateTimeTimeUnit.Micros, false),
                [Instant.AddTicks(10), DateTime.UnixEpoch, new DateTime(1, 1, 1, 0, 0, 0, DateTimeKind.Utc)],
                "2026-02-03 04:05:06.789001+00",
                "1970-01-01 00:00:00+00",
                "0001-01-01 00:00:00+00"
            ),
            Column.Of(
                new DateTimeDataField("wall_millis", DateTimeFormat.Timestamp, false, DateTimeTimeUnit.Millis, false),
                [Instant, DateTime.UnixEpoch.AddTicks(-10_000), DateTime.UnixEpoch],
                "2026-02-03 04:05:06.789",
                "1969-12-31 23:59:59.999",
                "1970-01-01 00:00:00"
            ),
            Column.Of(
                new DecimalDataField("money9", 9, 2, isNullable: false),
                [-9999999.99m, 0.10m, 12.5m],
                "-9999999.99",
                "0.10",
                "12.50"
            ),
            Column.Of(
                new DecimalDataField("money18", 18, 4, isNullable: false),
                [99999999999999.9999m, -0.0001m, 1m],
                "99999999999999.9999",
                "-0.0001",
                "1.0000"
            ),
            Column.Of(
                new DecimalDataField("money38", 38, 10, isNullable: false),
                [7922816251426433759.3543950335m, -7922816251426433759.3543950335m, 0m],
                "7922816251426433759.3543950335",
                "-7922816251426433759.3543950335",
                "0.0000000000"
            ),
        ];
        var path = await WriteAsync(compression, columns);

        var read = (await ReadBack.ReadAsync(path))[0];

        foreach (var column in columns)
        {
            Assert.Equal(column.Expected, read.Column(column.Field.Name).DuckDb);
        }

        Assert.Equal(["-9223372036854775808", "0", "9223372036854775807"], read.Column("int64").Hyparquet);
        Assert.Equal(["-9999999.99", "0.1", "12.5"], read.Column("money9").Hyparquet);
        Assert.Equal("2026-02-03T04:05:06.789Z", read.Column("utc_micros").Hyparquet[0]);
        Assert.Equal("00112233-4455-6677-8899-aabbccddeeff", read.Column("id").Hyparquet[0]);
        Assert.All(
            read.DuckDb.Chunks,
            chunk =>
                Assert.Equal(
                    compression == CompressionMethod.None ? "UNCOMPRESSED" : compression.ToString(),
                    chunk.Compression,
                    true
                )
        );
        Assert.Equal(
            "INT64 REQUIRED TimestampType(isAdjustedToUTC=1, unit=TimeUnit(MILLIS=<null>, MICROS=MicroSeconds(), NANOS=<null>))",
            TypeOf(read, "utc_micros")
        );
        Assert.Equal("FIXED_LEN_BYTE_ARRAY REQUIRED DecimalType(scale=10, precision=38)", TypeOf(read, "money38"));
    }

    [Fact]
    public async Task File_OfTexts_KeepsEveryCharacterAndTellsNullFromEmpty()
    {
        string?[] texts =
        [
            "plain",
            "",
            null,
            "åäö ÅÄÖ",
            "עברית \u202E العربية",
            "😀👩‍👩‍👧",
            "a\0b",
            "\r\n\t",
            new string('x', 100_000) + "é",
            "\uFFFF",
        ];
        byte[]?[] blobs =
        [
            [],
            null,
            [0],
            [255, 0, 128],
            .. Enumerable.Repeat(new byte[] { 1, 2 }, 6),
        ];
        var path = Path.Combine(_folder, "texts.parquet");
        var schema = new ParquetSchema(new DataField<string>("text"), new DataField<byte[]>("blob"));
        await using (var file = File.Create(path))
        await using (var writer = await ParquetWriter.CreateAsync(schema, file, Gzip()))
        {
            writer.CustomMetadata = new Dictionary<string, string> { ["made.by"] = "a test é" };
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(schema.DataFields[0], texts);
            await group.WriteAsync(schema.DataFields[1], blobs);
            group.CompleteValidate();
        }

        var read = (await ReadBack.ReadAsync(path))[0];

        Assert.Equal(texts, read.Column("text").Hyparquet);
        Assert.Equal(texts, read.Column("text").DuckDb);
        Assert.Equal(
            blobs.Select(blob => blob is null ? null : Convert.ToHexStringLower(blob)),
            read.Column("blob").Hyparquet
        );
        Assert.Equal("a test é", read.Hyparquet.Keys["made.by"]);
        Assert.Equal("BYTE_ARRAY OPTIONAL StringType()", TypeOf(read, "text"));
        Assert.Matches(@"^.+ version \d+\.\d+\.\d+ \(build .+\)$", read.Hyparquet.CreatedBy);
    }

    /// <summary>Every pattern of nulls and every width of a dictionary's indexes that matters, in several row groups.</summary>
    [Fact]
    public async Task Files_OfRandomRunsOfNullsAndWords_ReadBackExactly()
    {
        var random = new Random(11);
        var files = new List<(string Path, List<string?> Texts, List<long?> Numbers)>();
        foreach (var words in new[] { 1, 2, 3, 16, 17, 300, 5000 })
        {
            files.Add(await WriteRunsAsync(random, words));
        }

        var read = await ReadBack.ReadAsync([.. files.Select(file => file.Path)]);

        foreach (var ((_, texts, numbers), back) in files.Zip(read))
        {
            Assert.Equal(texts, back.Column("text").DuckDb);
            Assert.Equal(texts, back.Column("text").Hyparquet);
            Assert.Equal(
                numbers.Select(number => number?.ToString(CultureInfo.InvariantCulture)),
                back.Column("number").DuckDb
            );
            Assert.Contains(back.DuckDb.Chunks, chunk => chunk is { PathInSchema: "text", Dictionary: true });
            Assert.All(
                back.DuckDb.Chunks.Where(chunk => chunk.PathInSchema == "number"),
                chunk => Assert.False(chunk.Dictionary)
            );
        }
    }

    [Fact]
    public async Task Statistics_AreTheTrueRangeInTheFormatsOrder()
    {
        var path = await WriteAsync(
            CompressionMethod.Gzip,
            [
                Column.Of("number", [5L, -7L, 3L]),
                Column.Of("real", [2.5, double.NaN, -1.5]),
                Column.Of("zero", [0.0, 0.0, 0.0]),
                Column.Of(new DecimalDataField("money", 20, 2, isNullable: false), [-1.5m, 2m, 0m]),
                Column.Of(
                    new DataField<string>("text", nullable: false),
                    // U+FF5E comes before the emoji by code point and in UTF-8, after it by UTF-16 units.
                    [.. new[] { "\uFF5E", "😀", "z" }.Select(text => text.AsMemory())]
                ),
                Column.Of(
                    new DataField<string>("long", nullable: false),
                    [.. Enumerable.Repeat(new string('x', 600).AsMemory(), 3)]
                ),
            ]
        );

        var chunks = (await ReadBack.ReadAsync(path))[0].DuckDb.Chunks.ToDictionary(chunk => chunk.PathInSchema);

        Assert.Equal(
            ("-7", "5", "0"),
            (chunks["number"].StatsMinValue, chunks["number"].StatsMaxValue, chunks["number"].StatsNullCount)
        );
        Assert.Equal(("-1.5", "2.5"), (chunks["real"].StatsMinValue, chunks["real"].StatsMaxValue));
        Assert.Equal(("-0.0", "0.0"), (chunks["zero"].StatsMinValue, chunks["zero"].StatsMaxValue));
        Assert.Equal(("-1.50", "2.00"), (chunks["money"].StatsMinValue, chunks["money"].StatsMaxValue));
        Assert.Equal(("z", "😀"), (chunks["text"].StatsMinValue, chunks["text"].StatsMaxValue));
        Assert.Null(chunks["long"].StatsMinValue);
    }

    [Fact]
    public async Task File_OnAStreamThatCannotSeek_IsTheSame()
    {
        Column[] columns = [Column.Of("number", [1L, 2L, 3L])];
        using var seekable = new MemoryStream();
        await WriteAsync(seekable, CompressionMethod.Gzip, columns);
        using var target = new MemoryStream();
        await using (var pipe = new ForwardStream(target))
        {
            await WriteAsync(pipe, CompressionMethod.Gzip, columns);
        }

        Assert.Equal(seekable.ToArray(), target.ToArray());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ParquetOptions Gzip() =>
        new() { CompressionMethod = CompressionMethod.Gzip, CompressionLevel = CompressionLevel.Fastest };

    private static string TypeOf(ReadBack read, string column)
    {
        var element = read.DuckDb.Schema.Single(element => element["name"] == column);
        return $"{element["type"]} {element["repetition_type"]} {element["logical_type"]}";
    }

    private async Task<(string, List<string?>, List<long?>)> WriteRunsAsync(Random random, int words)
    {
        var text = new DataField<string>("text");
        var number = new DataField<long?>("number");
        var options = Gzip();
        options.ColumnEncodingHints["text"] = EncodingHint.Dictionary;
        options.ColumnEncodingHints["number"] = EncodingHint.Dictionary;
        var path = Path.Combine(_folder, $"runs-{words}.parquet");
        var (texts, numbers) = (new List<string?>(), new List<long?>());
        await using var file = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(text, number), file, options);
        for (var group = 0; group < 3; group++)
        {
            var column = new List<string?>();
            while (column.Count < 3 * words + 20)
            {
                string? word =
                    random.Next(4) == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"w{random.Next(words)}");
                column.AddRange(Enumerable.Repeat(word, random.Next(3) == 0 ? random.Next(1, 40) : 1));
            }

            long?[] values = [.. column.Select(word => word is null ? (long?)null : random.NextInt64())];
            using var rows = writer.CreateRowGroup();
            await rows.WriteAsync(text, column);
            await rows.WriteAsync<long>(number, values);
            texts.AddRange(column);
            numbers.AddRange(values);
        }

        return (path, texts, numbers);
    }

    private async Task<string> WriteAsync(CompressionMethod compression, Column[] columns)
    {
        var path = Path.Combine(_folder, $"{compression}.parquet");
        await using var file = File.Create(path);
        await WriteAsync(file, compression, columns);
        return path;
    }

    private static async Task WriteAsync(Stream file, CompressionMethod compression, Column[] columns)
    {
        var schema = new ParquetSchema(columns.Select(column => column.Field));
        var options = new ParquetOptions
        {
            CompressionMethod = compression,
            CompressionLevel = CompressionLevel.Fastest,
        };
        await using var writer = await ParquetWriter.CreateAsync(schema, file, options);
        using var group = writer.CreateRowGroup();
        foreach (var column in columns)
        {
            await column.Write(group);
        }
    }
}
