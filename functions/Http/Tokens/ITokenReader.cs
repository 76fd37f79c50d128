namespace Portability.Http.Tokens;

/// <summary>Reads one kind of bearer token.</summary>
public interface ITokenReader
{
    /// <returns>Who the token speaks for; null when it is of another kind, forged or expired.</returns>
    ValueTask<Identity?> ReadAsync(string token, CancellationToken cancellationToken);
}
