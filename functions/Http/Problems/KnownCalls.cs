using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace Portability.Http.Problems;

/// <summary>
/// Which methods a path takes, read from the triggers of this app: routing of the host tells a function that answers
/// everything else only that no other one fits.
/// </summary>
internal static class KnownCalls
{
    private static readonly ImmutableArray<(string[] Route, string[] Methods)> Calls =
    [
        .. from type in typeof(KnownCalls).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
        where method.IsDefined(typeof(FunctionAttribute))
        from parameter in method.GetParameters()
        let trigger = parameter.GetCustomAttribute<HttpTriggerAttribute>()
        where
            trigger is { Route: not null, Methods: not null } && !trigger.Route.Contains('*', StringComparison.Ordinal)
        select (Parts(trigger.Route!), trigger.Methods!),
    ];

    /// <summary>The methods in upper case and in order; none for a path that no call has.</summary>
    public static IReadOnlyList<string> MethodsOf(string path)
    {
        string[] parts = Parts(path);
        return
        [
            .. Calls
                .Where(call => Fits(call.Route, parts))
                .SelectMany(call => call.Methods)
                .Select(method => method.ToUpperInvariant())
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
    }

    private static bool Fits(string[] route, string[] path) =>
        route.Length == path.Length
        && route
            .Zip(path)
            .All(p => p.First.StartsWith('{') || p.First.Equals(p.Second, StringComparison.OrdinalIgnoreCase));

    private static string[] Parts(string path) => path.Trim('/').Split('/');
}
