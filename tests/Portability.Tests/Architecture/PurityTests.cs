namespace Portability.Tests.Architecture;

/// <summary>
/// Domain and orchestrators give the same answer to the same input, today and on replay: no wall clock, no ambient
/// randomness, no settings of the machine. The app-wide ban of the wall clock is an analyzer's.
/// </summary>
public sealed class PurityTests
{
    private static readonly string[] ImpureTypes =
    [
        "System.Random",
        "System.Security.Cryptography.RandomNumberGenerator",
        "System.TimeProvider",
        "System.Diagnostics.Stopwatch",
        "System.Threading.Thread",
        "System.Threading.Timer",
    ];

    private static readonly string[] ImpureCalls =
    [
        "System.DateTime::get_Now",
        "System.DateTime::get_UtcNow",
        "System.DateTime::get_Today",
        "System.DateTimeOffset::get_Now",
        "System.DateTimeOffset::get_UtcNow",
        "System.Guid::NewGuid",
        "System.Guid::CreateVersion7",
        "System.Threading.Tasks.Task::Delay",
        "System.Threading.Tasks.Task::Run",
        "System.TimeZoneInfo::get_Local",
        "NodaTime.SystemClock::get_Instance",
    ];

    [Fact]
    public void DomainAndOrchestrators_CallNothingAmbient() => Assert.Empty(Pure.SelectMany(Impurities));

    [Fact]
    public void Purity_IsAskedOfTheWholeDomain() =>
        Assert.Contains(Pure, t => t.Type == nameof(Portability.Terminations.TerminationDecider));

    [Fact]
    public void Purity_OfATypeThatIsNot_IsSeen()
    {
        TypeUse impure = AppAssembly
            .Load(typeof(PurityTests).Assembly.Location)
            .Single(t => t.Type == nameof(ImpureSample));
        Assert.Equal(
            ["System.Environment::get_MachineName", "System.Guid::NewGuid", "System.Random"],
            Impurities(impure).Select(i => i.Split(' ')[^1]).Order(StringComparer.Ordinal)
        );
    }

    private static IEnumerable<TypeUse> Pure =>
        AppAssembly.Types.Where(t =>
            t.Namespace == "Portability.Terminations"
            || (
                t.Namespace.StartsWith("Portability.Workflow", StringComparison.Ordinal)
                && t.Type.EndsWith("Orchestrator", StringComparison.Ordinal)
            )
        );

    private static IEnumerable<string> Impurities(TypeUse type) =>
        type
            .Uses.Intersect(ImpureTypes)
            .Concat(type.Calls.Where(IsImpure))
            .Select(what => $"{type.Namespace}.{type.Type} uses {what}");

    // Every iterator that the compiler makes asks for its thread, to hand itself out only once.
    private static bool IsImpure(string call) =>
        ImpureCalls.Contains(call, StringComparer.Ordinal)
        || (
            call.StartsWith("System.Environment::", StringComparison.Ordinal)
            && call != "System.Environment::get_CurrentManagedThreadId"
        );
}

/// <summary>What the test must catch; never run.</summary>
internal static class ImpureSample
{
    public static string Ambient() => Guid.NewGuid() + Environment.MachineName + new Random().Next();
}
