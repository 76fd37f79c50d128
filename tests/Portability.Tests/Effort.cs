namespace Portability.Tests;

/// <summary>How much of the costly work a run of the tests does: <c>./test --long</c> asks for all of it.</summary>
internal static class Effort
{
    /// <summary>The trait of tests that only a long run has time for.</summary>
    public const string Trait = "Effort";

    public const string Long = "Long";

    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("PORTABILITY_LONG") == "1";
}
