namespace Portability.Http;

/// <summary>What a caller may do; every HTTP function names the roles it is open to.</summary>
[Flags]
public enum Roles
{
    None = 0,

    /// <summary>A support agent (<c>Support.Agent</c>).</summary>
    Agent = 1,

    /// <summary>The privacy officer (<c>Privacy.Officer</c>).</summary>
    Officer = 2,

    /// <summary>The contract system (<c>Contract.System</c>).</summary>
    System = 4,

    /// <summary>The customer, by the link to one case; never given by a token of staff.</summary>
    Customer = 8,
}

/// <summary>Names of the roles in Entra ID and in development tokens.</summary>
internal static class RoleNames
{
    /// <summary>The role of that name; <see cref="Roles.None"/> for any other, which gives no right here.</summary>
    public static Roles Parse(string name) =>
        name switch
        {
            "Support.Agent" or "Agent" => Roles.Agent,
            "Privacy.Officer" or "Officer" => Roles.Officer,
            "Contract.System" or "System" => Roles.System,
            _ => Roles.None,
        };
}

/// <summary>Who calls, as the token says. Never taken from a request's body.</summary>
/// <param name="Id">The issuer's stable id of a person or system; for a customer, of the link.</param>
/// <param name="Roles">All roles that the token gives.</param>
public sealed record Identity(string Id, Roles Roles)
{
    /// <summary>The one case that a customer's link opens; null for staff and systems.</summary>
    public string? CaseId { get; init; }

    /// <summary>The customer's link, which may be revoked.</summary>
    public string? LinkId { get; init; }

    /// <summary>How events name this caller.</summary>
    public string Actor => LinkId is null ? Id : $"customer:{LinkId}";

    public bool IsCustomer => LinkId is not null;
}
