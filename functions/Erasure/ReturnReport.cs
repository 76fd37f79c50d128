namespace Portability.Erasure;

/// <summary>What is there again of a customer whose data was erased.</summary>
public sealed record ReturnReport
{
    /// <summary>In the order of erasure, those without any row left out.</summary>
    public required IReadOnlyList<ReturnedDataset> Datasets { get; init; }

    /// <summary>Everything that would refuse to erase it, in sentences.</summary>
    public required IReadOnlyList<string> Blockers { get; init; }

    /// <summary>What stops nothing and a person should know.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Rows and blobs that must go, be overwritten or be unlinked again.</summary>
    public long CameBack => Datasets.Sum(dataset => dataset.CameBack);

    /// <summary>Rows that the ledger should know and does not: written since, or gone before the erasure.</summary>
    public long Unknown => Datasets.Sum(dataset => dataset.Unknown);

    /// <summary>False where rows came back of which none can be told from those of a later customer.</summary>
    public bool CanBeTold =>
        Datasets.Sum(dataset => dataset.Told) > 0
        || !Datasets.Any(dataset => dataset is { Kind: "sql", CameBack: > 0 });
}

/// <summary>What is there of one dataset.</summary>
public sealed record ReturnedDataset
{
    public required string Dataset { get; init; }

    public required string System { get; init; }

    /// <summary>"sql" or "blob".</summary>
    public required string Kind { get; init; }

    public required long ToErase { get; init; }

    /// <summary>Rows that stay, in which columns stand again that were emptied or overwritten.</summary>
    public required long ToOverwrite { get; init; }

    public required long ToUnlink { get; init; }

    /// <summary>Rows that the law still keeps.</summary>
    public required long Retained { get; init; }

    /// <summary>Rows that a hold keeps.</summary>
    public required long Held { get; init; }

    /// <summary>Rows that were looked up in the ledger.</summary>
    public required long Told { get; init; }

    /// <summary>Those of them that it does not know.</summary>
    public required long Unknown { get; init; }

    public long CameBack => ToErase + ToOverwrite + ToUnlink;
}
