namespace Portability.Terminations;

/// <summary>How a refusal reads to a caller: 409, 422, 403, 404 and 410 in the HTTP contract.</summary>
public enum RefusalKind
{
    WrongState,
    BreaksRule,
    Forbidden,
    Unknown,
    Gone,
}

/// <summary>An expected no: what rule stands against the command, and what the caller can do.</summary>
/// <param name="Kind">What sort of no.</param>
/// <param name="Code">Stable slug, such as <c>late-notice</c>.</param>
/// <param name="Detail">A sentence for people, without personal data.</param>
/// <param name="Next">What the caller can do now.</param>
public sealed record Refusal(RefusalKind Kind, string Code, string Detail, string Next)
{
    /// <summary>The offending member of the request, where one is, in the contract's camelCase.</summary>
    public string? Field { get; init; }

    /// <summary>Further members of the answer, such as <c>lastDayForNotice</c>.</summary>
    public IReadOnlyDictionary<string, string> Data { get; init; } = new Dictionary<string, string>();
}

/// <summary>The decider's answer.</summary>
public abstract record Decision
{
    private Decision() { }

    /// <param name="Events">What happened; empty means it had already been done.</param>
    public sealed record Accepted(IReadOnlyList<TerminationEvent> Events) : Decision;

    public sealed record Refused(Refusal Refusal) : Decision;
}
