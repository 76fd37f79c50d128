namespace Microsoft.Azure.Functions.Worker.Http;

/// <summary>A cookie, received or to be set.</summary>
public interface IHttpCookie
{
    string Name { get; }

    string Value { get; }

    string? Domain { get; }

    DateTimeOffset? Expires { get; }

    bool? HttpOnly { get; }

    /// <summary>Lifetime in seconds.</summary>
    double? MaxAge { get; }

    string? Path { get; }

    SameSite SameSite { get; }

    bool? Secure { get; }
}

/// <summary>The SameSite attribute; <c>None</c> leaves it out.</summary>
public enum SameSite
{
    None = 0,
    Lax = 1,
    Strict = 2,
    ExplicitNone = 3,
}

/// <summary>A cookie to set.</summary>
public sealed class HttpCookie : IHttpCookie
{
    public HttpCookie(string name, string value)
    {
        Name = name ?? throw new ArgumentNullException(nameof(name));
        Value = value ?? throw new ArgumentNullException(nameof(value));
    }

    public string Name { get; set; }

    public string Value { get; set; }

    public string? Domain { get; set; }

    public DateTimeOffset? Expires { get; set; }

    public bool? HttpOnly { get; set; }

    public double? MaxAge { get; set; }

    public string? Path { get; set; }

    public SameSite SameSite { get; set; }

    public bool? Secure { get; set; }
}

/// <summary>The cookies of an answer.</summary>
public abstract class HttpCookies
{
    public abstract void Append(string name, string value);

    public abstract void Append(IHttpCookie cookie);

    public abstract IHttpCookie CreateNew();
}
