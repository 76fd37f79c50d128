using Microsoft.Extensions.Configuration;

namespace Portability.Notifications;

/// <summary>
/// Addresses of the customer's own page: stable for as long as its link lives, while download links are minted behind it.
/// </summary>
/// <param name="tokens">Signs the links.</param>
/// <param name="publicUrl">Where customers reach the app.</param>
public sealed class CustomerPages(CustomerLinkTokens tokens, Uri publicUrl)
{
    /// <summary>Reads <c>Portability:PublicUrl</c>.</summary>
    /// <exception cref="InvalidOperationException">It is missing or no web address.</exception>
    public static CustomerPages Read(IConfiguration configuration, CustomerLinkTokens tokens) =>
        Uri.TryCreate(configuration["Portability:PublicUrl"], UriKind.Absolute, out Uri? url)
        && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
            ? new CustomerPages(tokens, url)
            : throw new InvalidOperationException(
                "Portability__PublicUrl must be the web address at which customers reach the app."
            );

    /// <summary>The page's address with the link's token in the fragment, which browsers keep out of servers' logs.</summary>
    public Uri AddressOf(string caseId, string linkId, DateTimeOffset expiresAt) =>
        new(publicUrl, $"customer#{tokens.Issue(caseId, linkId, expiresAt)}");
}
