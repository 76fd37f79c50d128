namespace Portability.DataMap;

/// <summary>Recognises columns that look like credentials by the words of their name.</summary>
internal static class SecretNames
{
    private static readonly HashSet<string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        "password",
        "passwd",
        "pwd",
        "passphrase",
        "hash",
        "token",
        "secret",
        "salt",
        "key",
        "apikey",
        "credential",
        "credentials",
        "otp",
        "totp",
        "pin",
    };

    /// <summary>True for <c>password_hash</c>, <c>apiKey</c>, <c>reset_token</c>; false for <c>keyboard</c>, <c>monkey_id</c>.</summary>
    public static bool LooksSecret(string column) => WordsOf(column).Any(Words.Contains);

    private static IEnumerable<string> WordsOf(string name)
    {
        var start = 0;
        for (var i = 1; i <= name.Length; i++)
        {
            var isBreak =
                i == name.Length
                || !char.IsLetterOrDigit(name[i])
                || !char.IsLetterOrDigit(name[i - 1])
                || (char.IsUpper(name[i]) && char.IsLower(name[i - 1]));
            if (isBreak)
            {
                yield return name[start..i];
                start = i;
            }
        }
    }
}
