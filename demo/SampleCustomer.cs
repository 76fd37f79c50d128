namespace Portability.Demo;

/// <summary>One of the two customers of the sample LMS, with what a case against it needs to know.</summary>
public sealed record SampleCustomer
{
    /// <summary>Value of <c>organisations.customer_id</c>; also the folder of its media.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Value of <c>organisations.id</c>: 1 or 2. Every id of the customer's rows has the same parity.</summary>
    public required int OrganisationId { get; init; }

    /// <summary>Name of the organisation.</summary>
    public required string Name { get; init; }

    /// <summary>Value of <c>contracts.contract_number</c> of the running contract.</summary>
    public required string ContractNumber { get; init; }

    /// <summary>Last day of the running term.</summary>
    public required DateOnly TermEndsOn { get; init; }

    /// <summary>Months that the contract is renewed for.</summary>
    public required int RenewalMonths { get; init; }

    /// <summary>IANA name of the contract's time zone.</summary>
    public required string TimeZone { get; init; }

    /// <summary>Language of the customer's messages.</summary>
    public required string Locale { get; init; }

    /// <summary>Name of the customer's representative.</summary>
    public required string ContactName { get; init; }

    /// <summary>Mail address of the customer's representative.</summary>
    public required string ContactEmail { get; init; }
}
