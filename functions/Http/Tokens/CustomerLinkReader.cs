using Portability.Notifications;

namespace Portability.Http.Tokens;

/// <summary>The tokens in customers' links. Whether a link was revoked is asked of its case, by <see cref="Access"/>.</summary>
public sealed class CustomerLinkReader(CustomerLinkTokens tokens) : ITokenReader
{
    /// <inheritdoc/>
    public ValueTask<Identity?> ReadAsync(string token, CancellationToken cancellationToken) =>
        ValueTask.FromResult(
            tokens.Verify(token) is { } link
                ? new Identity(link.LinkId, Roles.Customer) { CaseId = link.CaseId, LinkId = link.LinkId }
                : null
        );
}
