using Portability.Terminations;

namespace Portability.Tests.Architecture;

/// <summary>The arrows of the house point one way, and the app knows only what Azure would give it.</summary>
public sealed class DependencyTests
{
    /// <summary>Each part with the parts it may name. A new part has to be given its place here.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Terminations"] = [],
        ["Documents"] = [],
        ["Sources"] = ["Terminations"],
        ["DataMap"] = ["Terminations", "Sources"],
        ["Storage"] = ["Terminations", "Exports"],
        ["Exports"] = ["Terminations", "Documents", "Sources", "DataMap", "Storage"],
        ["Erasure"] = ["Terminations", "Documents", "Sources", "DataMap", "Storage", "Exports"],
        ["Notifications"] = ["Terminations"],
        ["Messaging"] = ["Terminations", "Storage"],
        ["Workflow"] =
        [
            "Terminations",
            "Sources",
            "DataMap",
            "Storage",
            "Exports",
            "Erasure",
            "Notifications",
            "Messaging",
        ],
        ["Http"] =
        [
            "Terminations",
            "Sources",
            "DataMap",
            "Storage",
            "Exports",
            "Erasure",
            "Notifications",
            "Messaging",
            "Workflow",
        ],
        ["Portal"] = ["Terminations", "Storage", "Exports", "Erasure", "Workflow", "Http"],
    };

    [Fact]
    public void Parts_NameOnlyPartsBelowThem()
    {
        IEnumerable<string> wrong =
            from type in AppAssembly.Types
            let part = PartOf(type.Namespace)
            where part is not null
            from used in type.Uses
            let other = PartOf(used[..used.LastIndexOf('.')])
            where other is not null && other != part && !Allowed[part].Contains(other, StringComparer.Ordinal)
            select $"{type.Namespace}.{type.Type} uses {used}";
        Assert.Empty(wrong.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Parts_AllHaveTheirPlace() =>
        Assert.DoesNotContain(
            AppAssembly.Types.Select(t => PartOf(t.Namespace)),
            part => part is not null && !Allowed.ContainsKey(part)
        );

    [Fact]
    public void Domain_NamesNoInfrastructure() =>
        Assert.Empty(
            from type in AppAssembly.Types
            where PartOf(type.Namespace) == "Terminations"
            from used in type.Uses
            where
                used.StartsWith("Azure.", StringComparison.Ordinal)
                || used.StartsWith("Microsoft.", StringComparison.Ordinal)
                || used.StartsWith("System.IO.", StringComparison.Ordinal)
                || used.StartsWith("System.Net.", StringComparison.Ordinal)
                || used.StartsWith("System.Data.", StringComparison.Ordinal)
                || used.StartsWith("System.Threading.", StringComparison.Ordinal)
            where !used.StartsWith("Microsoft.CodeAnalysis.", StringComparison.Ordinal)
            select $"{type.Type} uses {used}"
        );

    [Fact]
    public void DurableTasks_AreAwaitedInTheWorkflowOnly() =>
        Assert.Empty(
            from type in AppAssembly.Types
            where PartOf(type.Namespace) is not null and not "Workflow"
            where type.Uses.Contains("Microsoft.DurableTask.TaskOrchestrationContext")
            select $"{type.Namespace}.{type.Type}"
        );

    [Fact]
    public void App_NeverNamesTheEmbeddedRuntime() =>
        Assert.Empty(
            from type in AppAssembly.Types
            from used in type.Uses
            where used.StartsWith("Portability.Local.", StringComparison.Ordinal)
            select $"{type.Namespace}.{type.Type} uses {used}"
        );

    [Fact]
    public void Reading_SeesAnArrowThatPointsTheWrongWay()
    {
        TypeUse here = AppAssembly
            .Load(typeof(DependencyTests).Assembly.Location)
            .Single(t => t.Type == nameof(DependencyTests));
        Assert.Contains(typeof(Termination).FullName!, here.Uses);
        Assert.Contains("System.String::LastIndexOf", here.Calls);
    }

    [Fact]
    public void Reading_OfTheApp_FindsItsTypes() =>
        Assert.Contains(AppAssembly.Types, t => t.Type == nameof(TerminationDecider) && t.Uses.Count > 20);

    /// <summary>The part that a namespace belongs to; null for what is not the app's, and for the root.</summary>
    private static string? PartOf(string space)
    {
        string[] names = space.Split('.');
        return names is ["Portability", not "Local", ..] ? names[1] : null;
    }
}
