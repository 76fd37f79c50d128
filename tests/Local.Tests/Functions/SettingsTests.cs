using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Portability.Local;

namespace Local.Tests.Functions;

public sealed class SettingsTests
{
    [Fact]
    public void LocalSettings_OfTheFirstFolderThatHasThem_GiveTheirValues()
    {
        string empty = FunctionsHost.NewFolder();
        string folder = FunctionsHost.NewFolder();
        File.WriteAllText(
            Path.Combine(folder, "local.settings.json"),
            """{"IsEncrypted":false,"Values":{"Mail__From":"a@b.example","SweepSchedule":"0 0 3 * * *"}}"""
        );

        IConfigurationRoot settings = new ConfigurationBuilder()
            .AddInMemoryCollection(JsonSettings.LocalSettings(empty, folder))
            .Build();

        Assert.Equal("a@b.example", settings["Mail:From"]);
        Assert.Equal("0 0 3 * * *", settings["SweepSchedule"]);
        Assert.Null(settings["IsEncrypted"]);
    }

    [Fact]
    public void HostFile_WithValues_IsHeeded()
    {
        string folder = FunctionsHost.NewFolder();
        File.WriteAllText(
            Path.Combine(folder, "host.json"),
            """
            {
              "version": "2.0", "functionTimeout": "00:07:00",
              "extensions": { "http": { "routePrefix": "" }, "durableTask": { "maxConcurrentActivityFunctions": 3 } }
            }
            """
        );

        HostFile file = Read(JsonSettings.HostFile(folder));

        Assert.Equal("", file.RoutePrefix);
        Assert.Equal(TimeSpan.FromMinutes(7), file.FunctionTimeout);
        Assert.Equal(3, file.MaxConcurrentActivities);
    }

    [Fact]
    public void HostFile_Absent_LeavesTheOfficialDefaults()
    {
        HostFile file = Read(JsonSettings.HostFile(FunctionsHost.NewFolder()));

        Assert.Equal("api", file.RoutePrefix);
        Assert.Equal(TimeSpan.FromMinutes(5), file.FunctionTimeout);
        Assert.Equal(10 * Environment.ProcessorCount, file.MaxConcurrentActivities);
    }

    [Fact]
    public void HostFile_ThatIsNoJson_IsRefusedByItsPath()
    {
        string folder = FunctionsHost.NewFolder();
        File.WriteAllText(Path.Combine(folder, "host.json"), "{");

        var fault = Assert.Throws<HostStartException>(() => JsonSettings.HostFile(folder));

        Assert.Contains(Path.Combine(folder, "host.json"), fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Expansion_OfSeveralSettings_PutsEachInPlace()
    {
        var settings = new AppSettings(
            new ConfigurationBuilder().AddInMemoryCollection([new("Area", "north"), new("Part:Of", "7")]).Build()
        );

        Assert.Equal("a/north/7", settings.Expand("a/%Area%/%Part__Of%"));
        Assert.False(settings.TryExpand("%Area%/%None%", out _, out string? missing));
        Assert.Equal("None", missing);
    }

    [Fact]
    public void TimeProvider_OfTheApp_IsTheVirtualClock()
    {
        FunctionsApplicationBuilder builder = FunctionsHost.Builder(
            FunctionsHost.NewFolder(),
            [typeof(ScopedLessFunctions)]
        );

        using var host = builder.Build();

        Assert.IsType<VirtualClock>(host.Services.GetRequiredService<TimeProvider>());
        Assert.Null(host.Services.GetService<Microsoft.DurableTask.Client.DurableTaskClient>());
    }

    private static HostFile Read(IEnumerable<KeyValuePair<string, string?>> values) =>
        HostFile.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
}
