using System.Globalization;
using Azure;
using Azure.Data.Tables;
using Portability.Terminations;

namespace Portability.Storage;

// The rows of table `terminations`; the partition is the case.

/// <summary>Row <c>head</c>: version and last hash, the summary, the fence of an erasure that is running.</summary>
internal sealed class HeadRow : ITableEntity
{
    public const string Key = "head";

    public string PartitionKey { get; set; } = "";
    public string RowKey { get; set; } = Key;
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    /// <summary>Number of events; 0 marks a case that was never opened and never will be.</summary>
    public long Version { get; set; }
    public string LastHash { get; set; } = "";
    public string? ContractId { get; set; }
    public string? CustomerId { get; set; }
    public string? Phase { get; set; }
    public DateTimeOffset? OpenedAt { get; set; }
    public DateTimeOffset? LastAt { get; set; }
    public DateTimeOffset? DueAt { get; set; }
    public bool OnHold { get; set; }
    public bool NeedsAttention { get; set; }
    public bool Retaining { get; set; }

    public string? FenceRun { get; set; }
    public int? FenceBatch { get; set; }
    public DateTimeOffset? FenceUntil { get; set; }
    public string? FenceAttempt { get; set; }
    public string? FenceSystem { get; set; }

    // Not public: the table client would store it.
    internal bool IsVoid => Version == 0;

    public CaseSummary? ToSummary() =>
        IsVoid
            ? null
            : new CaseSummary
            {
                ContractId = ContractId!,
                CustomerId = CustomerId!,
                Phase = Enum.Parse<Phase>(Phase!),
                OpenedAt = OpenedAt!.Value,
                LastAt = LastAt!.Value,
                DueAt = DueAt,
                OnHold = OnHold,
                NeedsAttention = NeedsAttention,
                Retaining = Retaining,
            };

    /// <summary>The next head: another version and summary, the same fence.</summary>
    public static HeadRow Next(HeadRow? current, string caseId, long version, string lastHash, CaseSummary summary) =>
        new()
        {
            PartitionKey = caseId,
            ETag = current?.ETag ?? default,
            Version = version,
            LastHash = lastHash,
            ContractId = summary.ContractId,
            CustomerId = summary.CustomerId,
            Phase = summary.Phase.ToString(),
            OpenedAt = summary.OpenedAt,
            LastAt = summary.LastAt,
            DueAt = summary.DueAt,
            OnHold = summary.OnHold,
            NeedsAttention = summary.NeedsAttention,
            Retaining = summary.Retaining,
            FenceRun = current?.FenceRun,
            FenceBatch = current?.FenceBatch,
            FenceUntil = current?.FenceUntil,
            FenceAttempt = current?.FenceAttempt,
            FenceSystem = current?.FenceSystem,
        };

    public HeadRow WithETag(ETag etag)
    {
        var copy = (HeadRow)MemberwiseClone();
        copy.ETag = etag;
        return copy;
    }

    public HeadRow WithFence(Fence? fence)
    {
        var copy = (HeadRow)MemberwiseClone();
        (copy.FenceRun, copy.FenceBatch, copy.FenceUntil) = (fence?.Run, fence?.Batch, fence?.Until);
        (copy.FenceAttempt, copy.FenceSystem) = (fence?.Attempt, fence?.System);
        return copy;
    }
}

/// <summary>Rows <c>e|0000000001</c> and on: the events.</summary>
internal sealed class EventRow : ITableEntity
{
    public const string Prefix = "e|";

    /// <summary>Sorts after every key that begins with <see cref="Prefix"/>.</summary>
    public const string End = "e}";

    public string PartitionKey { get; set; } = "";
    public string RowKey { get; set; } = "";
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    public long Sequence { get; set; }
    public string Name { get; set; } = "";
    public string EventId { get; set; } = "";

    /// <summary>As text, because the hash covers what is stored, to the last digit.</summary>
    public string At { get; set; } = "";
    public string Actor { get; set; } = "";
    public string PreviousHash { get; set; } = "";
    public string Hash { get; set; } = "";

    /// <summary>The JSON, unless it is in a blob.</summary>
    public string? Body { get; set; }

    /// <summary>Name of the blob that holds a long body.</summary>
    public string? BodyBlob { get; set; }

    public static string KeyOf(long sequence) => Prefix + sequence.ToString("D10", CultureInfo.InvariantCulture);
}

/// <summary>Rows <c>id|{eventId}</c>: by them one's own commit is recognised.</summary>
internal sealed class EventIdRow : ITableEntity
{
    public string PartitionKey { get; set; } = "";
    public string RowKey { get; set; } = "";
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    public long Sequence { get; set; }

    public static string KeyOf(string eventId) => "id|" + eventId;
}

/// <summary>Rows <c>p|{id}</c>: personal data, deleted at the end of its time.</summary>
internal sealed class PersonalDataRow : ITableEntity
{
    public const string Prefix = "p|";

    /// <summary>Sorts after every key that begins with <see cref="Prefix"/>.</summary>
    public const string End = "p}";

    public string PartitionKey { get; set; } = "";
    public string RowKey { get; set; } = "";
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    public string Value { get; set; } = "";
    public byte[] Salt { get; set; } = [];

    public static string KeyOf(string id) => Prefix + id;
}
