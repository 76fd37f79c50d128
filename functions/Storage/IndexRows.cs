using Azure;
using Azure.Data.Tables;
using Portability.Terminations;

namespace Portability.Storage;

// The rows of table `cases`, partition `index`.

/// <summary>Rows <c>c|{case}</c>: a copy of the head's summary.</summary>
internal sealed class IndexRow : ITableEntity
{
    public const string Partition = "index";

    /// <summary>Sorts after every key of a copy.</summary>
    public const string End = "c}";

    public string PartitionKey { get; set; } = Partition;
    public string RowKey { get; set; } = "";
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    public string CaseId { get; set; } = "";
    public long Version { get; set; }
    public string ContractId { get; set; } = "";
    public string CustomerId { get; set; } = "";
    public string Phase { get; set; } = "";
    public DateTimeOffset OpenedAt { get; set; }
    public DateTimeOffset LastAt { get; set; }
    public DateTimeOffset? DueAt { get; set; }
    public bool OnHold { get; set; }
    public bool NeedsAttention { get; set; }
    public bool Retaining { get; set; }

    public static string KeyOf(string caseId) => "c|" + caseId;

    public static IndexRow Of(string caseId, HeadRow head)
    {
        CaseSummary summary = head.ToSummary()!;
        return new IndexRow
        {
            RowKey = KeyOf(caseId),
            CaseId = caseId,
            Version = head.Version,
            ContractId = summary.ContractId,
            CustomerId = summary.CustomerId,
            Phase = summary.Phase.ToString(),
            OpenedAt = summary.OpenedAt,
            LastAt = summary.LastAt,
            DueAt = summary.DueAt,
            OnHold = summary.OnHold,
            NeedsAttention = summary.NeedsAttention,
            Retaining = summary.Retaining,
        };
    }

    public CaseSummary ToSummary() =>
        new()
        {
            ContractId = ContractId,
            CustomerId = CustomerId,
            Phase = Enum.Parse<Phase>(Phase),
            OpenedAt = OpenedAt,
            LastAt = LastAt,
            DueAt = DueAt,
            OnHold = OnHold,
            NeedsAttention = NeedsAttention,
            Retaining = Retaining,
        };
}

/// <summary>Rows <c>m|{case}|{mark}</c>: the case may have changed without its copy.</summary>
internal sealed class MarkRow : ITableEntity
{
    public const string Prefix = "m|";

    /// <summary>Sorts after every key of a mark.</summary>
    public const string End = "m}";

    public string PartitionKey { get; set; } = IndexRow.Partition;
    public string RowKey { get; set; } = "";
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    public string CaseId { get; set; } = "";
    public string Mark { get; set; } = "";

    public static string KeyOf(string caseId, string mark) => $"{Prefix}{caseId}|{mark}";
}
