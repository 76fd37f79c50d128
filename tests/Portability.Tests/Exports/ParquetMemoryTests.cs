using System.Text;
using Portability.Exports.Formats.Parquet;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Tests.Exports;

/// <summary>Columns of a row group take their room from the pool: memory must not grow with the number of files and groups.</summary>
public sealed class ParquetMemoryTests
{
    private const int Batches = 40;

    private static readonly ColumnInfo[] Columns =
    [
        new("number", "INTEGER", ColumnKind.Integer, Nullable: true, Generated: false),
        new("label", "TEXT", ColumnKind.Text, Nullable: true, Generated: false),
        new("data", "BLOB", ColumnKind.Blob, Nullable: true, Generated: false),
    ];

    [Fact]
    public void Columns_OfOneFileAfterTheOther_UseTheSameRoom()
    {
        using var batch = Batch();
        Allocated(batch);

        var later = Enumerable.Range(0, 8).Min(_ => Allocated(batch));

        // Other tests use the pool as well, so one round in eight must find it as the last left it.
        Assert.InRange(later, 0, 100_000);
    }

    [Fact]
    public void Columns_OfOneGroupAfterTheOther_UseTheSameRoom()
    {
        using var batch = Batch();
        using var columns = new ParquetColumns(Columns);
        Fill(columns, batch);
        columns.Clear();
        var before = GC.GetAllocatedBytesForCurrentThread();

        Fill(columns, batch);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
        Assert.Equal(Batches * RowBatch.MostRows, columns.Count);
    }

    private static long Allocated(RowBatch batch)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        using (var columns = new ParquetColumns(Columns))
        {
            Fill(columns, batch);
            Assert.True(columns.Bytes > 1_500_000);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Fill(ParquetColumns columns, RowBatch batch)
    {
        for (var i = 0; i < Batches; i++)
        {
            Assert.Null(columns.Add(batch));
        }
    }

    private static RowBatch Batch()
    {
        var batch = new RowBatch(Columns.Length);
        while (!batch.IsFull)
        {
            batch.Begin(out var kinds, out var numbers);
            (kinds[0], numbers[0]) = (CellKind.Integer, batch.Rows);
            (kinds[1], numbers[1]) = (CellKind.Text, batch.Keep(Encoding.UTF8.GetBytes("Räksmörgås")));
            (kinds[2], numbers[2]) = (CellKind.Blob, batch.Keep([1, 2, 3, 4]));
        }

        return batch;
    }
}
