namespace Portability.Local;

/// <summary>Which orchestrations a host runs.</summary>
public enum VersionMatch
{
    /// <summary>All.</summary>
    None,

    /// <summary>Those of exactly its own version.</summary>
    Strict,

    /// <summary>Those of its own version and older ones.</summary>
    CurrentOrOlder,
}

/// <summary>What a host does with an orchestration that it does not run.</summary>
public enum VersionMismatch
{
    /// <summary>Leaves it as it is, for a host of another version.</summary>
    Reject,

    /// <summary>Fails it.</summary>
    Fail,
}
