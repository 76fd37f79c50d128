using System.ComponentModel;

namespace Local.Tests.Surface;

/// <summary>A test of the surface test: types that differ in one thing from the one they stand for are found out.</summary>
public sealed class ApiComparisonTests
{
    private static readonly IReadOnlyList<string> Package = Lines(typeof(Original.Parcel));

    [Fact]
    public void Dump_OfAType_ListsPublicAndProtectedMembersInTheDumpsFormat() =>
        Assert.Equal(
            [
                "Parcel | type public class",
                "Parcel | ctor public Parcel()",
                "Parcel | method [EditorBrowsable(EditorBrowsableState.Never)] public virtual Task<string?> Trace<T>(T? key, CancellationToken cancellation = default) where T : class",
                "Parcel | method public void Send(string to)",
                "Parcel | method public void Send(string to, int? copies = 1, DayOfWeek day = DayOfWeek.Monday)",
                "Parcel | prop protected string? Note { get; init; }",
            ],
            Package
        );

    [Fact]
    public void Comparison_OfTheSameSurface_FindsNothing()
    {
        ApiComparison comparison = ApiComparison.Of(Lines(typeof(Faithful.Parcel)), Package, []);
        Assert.Empty(comparison.Unofficial);
        Assert.Empty(comparison.MissingOverloads);
    }

    [Theory]
    [InlineData(typeof(PublicMemberMore.Parcel), "method public void Return()")]
    [InlineData(typeof(ProtectedMemberMore.Parcel), "prop protected int Weight { get; }")]
    [InlineData(typeof(ParameterRenamed.Parcel), "method public void Send(string recipient)")]
    [InlineData(typeof(NullabilityLost.Parcel), "prop protected string Note { get; init; }")]
    [InlineData(typeof(InitLost.Parcel), "prop protected string? Note { get; set; }")]
    [InlineData(typeof(AttributeMore.Parcel), "method [Obsolete(\"Late.\")] public void Send(string to)")]
    [InlineData(typeof(BaseMore.Parcel), "type public class : IDisposable")]
    [InlineData(
        typeof(DefaultChanged.Parcel),
        "method public void Send(string to, int? copies = 2, DayOfWeek day = DayOfWeek.Monday)"
    )]
    public void Comparison_OfASurfaceWithOneThingMore_NamesIt(Type standIn, string unofficial) =>
        Assert.Contains($"Parcel | {unofficial}", ApiComparison.Of(Lines(standIn), Package, []).Unofficial);

    [Fact]
    public void Comparison_OfASurfaceWithAnOverloadLess_NamesItUnlessItIsLeftOutOnPurpose()
    {
        IReadOnlyList<string> shown = Lines(typeof(OverloadLess.Parcel));
        ApiComparison comparison = ApiComparison.Of(shown, Package, []);
        Assert.Empty(comparison.Unofficial);
        Assert.Equal(["Parcel | method public void Send(string to)"], comparison.MissingOverloads);
        Assert.Empty(ApiComparison.Of(shown, Package, comparison.MissingOverloads).MissingOverloads);
    }

    [Fact]
    public void Lists_OfLeftOutOverloads_AreOfficialOnes()
    {
        // A line that no longer is in a dump would hide nothing but its own decay.
        string[] all =
        [
            "Supplement",
            "Azure.Data.Tables",
            "Azure.Messaging.ServiceBus",
            "Microsoft.DurableTask.InProcessTestHost",
        ];
        Assert.Empty(OfficialSurface.Read("LeftOut").Except(OfficialSurface.Read(all)));
    }

    private static IReadOnlyList<string> Lines(Type type)
    {
        // Each sample is called Parcel and stands in a class of its own.
        string name = type.FullName!.Replace('+', '.');
        return [.. ApiDump.Of([type]).Select(line => "Parcel" + line[name.Length..])];
    }
}

public static class Original
{
    public class Parcel
    {
        protected string? Note { get; init; }

        public void Send(string to) { }

        public void Send(string to, int? copies = 1, DayOfWeek day = DayOfWeek.Monday) { }

        [EditorBrowsable(EditorBrowsableState.Never)]
        public virtual Task<string?> Trace<T>(T? key, CancellationToken cancellation = default)
            where T : class => Task.FromResult<string?>(null);

        internal void Weigh() { }
    }
}

public static class Faithful
{
    public class Parcel
    {
        protected string? Note { get; init; }

        public void Send(string to) { }

        public void Send(string to, int? copies = 1, DayOfWeek day = DayOfWeek.Monday) { }

        [EditorBrowsable(EditorBrowsableState.Never)]
        public virtual Task<string?> Trace<T>(T? key, CancellationToken cancellation = default)
            where T : class => Task.FromResult<string?>(null);

        internal int Stamp() => 1;
    }
}

public static class PublicMemberMore
{
    public class Parcel
    {
        public void Send(string to) { }

        public void Return() { }
    }
}

public static class ProtectedMemberMore
{
    public class Parcel
    {
        protected int Weight => 1;
    }
}

public static class ParameterRenamed
{
    public class Parcel
    {
        public void Send(string recipient) { }
    }
}

public static class NullabilityLost
{
    public class Parcel
    {
        protected string Note { get; init; } = "";
    }
}

public static class InitLost
{
    public class Parcel
    {
        protected string? Note { get; set; }
    }
}

public static class AttributeMore
{
    public class Parcel
    {
        [Obsolete("Late.")]
        public void Send(string to) { }
    }
}

public static class BaseMore
{
    public class Parcel : IDisposable
    {
        public void Dispose() => GC.SuppressFinalize(this);
    }
}

public static class DefaultChanged
{
    public class Parcel
    {
        public void Send(string to, int? copies = 2, DayOfWeek day = DayOfWeek.Monday) { }
    }
}

public static class OverloadLess
{
    public class Parcel
    {
        public void Send(string to, int? copies = 1, DayOfWeek day = DayOfWeek.Monday) { }
    }
}
