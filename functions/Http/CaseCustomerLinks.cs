using Portability.Workflow;

namespace Portability.Http;

/// <summary>A link opens its case as long as the case's own stream has it.</summary>
public sealed class CaseCustomerLinks(TerminationCases cases) : ICustomerLinks
{
    /// <inheritdoc/>
    public async ValueTask<bool> IsOpenAsync(string caseId, string linkId, CancellationToken cancellationToken) =>
        await cases.FindAsync(caseId, cancellationToken) is { } found && found.State.CustomerLinks.ContainsKey(linkId);
}
