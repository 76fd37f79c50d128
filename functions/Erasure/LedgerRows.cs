using System.Globalization;
using Azure;
using Azure.Data.Tables;

namespace Portability.Erasure;

// The rows of table `ledger`, one partition.

/// <summary>Row <c>head</c>: how many entries there are, and the hash of the last.</summary>
internal sealed class LedgerHeadRow : ITableEntity
{
    public const string Key = "head";

    public string PartitionKey { get; set; } = LedgerTable.Partition;
    public string RowKey { get; set; } = Key;
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    public long Count { get; set; }
    public string LastHash { get; set; } = "";
}

/// <summary>Rows <c>n|0000000001</c> and on: the entries.</summary>
internal sealed class LedgerEntryRow : ITableEntity
{
    public const string Prefix = "n|";

    /// <summary>Sorts after every key that begins with <see cref="Prefix"/>.</summary>
    public const string End = "n}";

    public string PartitionKey { get; set; } = LedgerTable.Partition;
    public string RowKey { get; set; } = "";
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    public long Number { get; set; }
    public string PreviousHash { get; set; } = "";
    public string Hash { get; set; } = "";

    /// <summary>The JSON, unless it is in a blob.</summary>
    public string? Body { get; set; }

    /// <summary>Name of the blob that holds a long body.</summary>
    public string? BodyBlob { get; set; }
    public byte[] Marks { get; set; } = [];

    public static string KeyOf(long number) => Prefix + number.ToString("D10", CultureInfo.InvariantCulture);
}

/// <summary>Rows <c>run|{case}|0001</c>: by them a run's entry is found, so that there is only one.</summary>
internal sealed class LedgerRunRow : ITableEntity
{
    public string PartitionKey { get; set; } = LedgerTable.Partition;
    public string RowKey { get; set; } = "";
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    public long Number { get; set; }

    public static string KeyOf(ErasureRef run) =>
        string.Create(CultureInfo.InvariantCulture, $"run|{run.CaseId}|{run.Run:D4}");
}
