namespace Azure.Data.Tables;

/// <summary>What every row of a table has: its two keys, the time of its last change and its version.</summary>
public partial interface ITableEntity
{
    /// <summary>First half of the key; rows that share it can be changed in one transaction.</summary>
    string PartitionKey { get; set; }

    /// <summary>Second half of the key, unique within the partition.</summary>
    string RowKey { get; set; }

    /// <summary>Time of the last change; set by the service, never sent.</summary>
    DateTimeOffset? Timestamp { get; set; }

    /// <summary>Version of the row as it was read; never sent, and not updated by a write.</summary>
    ETag ETag { get; set; }
}
