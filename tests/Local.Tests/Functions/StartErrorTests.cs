using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Portability.Local;

namespace Local.Tests.Functions;

public sealed class StartErrorTests
{
    [Theory]
    [InlineData(typeof(StartFaults.SameName), "The name 'Hello' is used by")]
    [InlineData(typeof(StartFaults.SameRoute), "GET /hello is the route of Hello, Other")]
    [InlineData(typeof(StartFaults.NoTrigger), "has no trigger")]
    [InlineData(typeof(StartFaults.UnknownSetting), "the setting 'NoSuchSchedule', which is not there")]
    [InlineData(typeof(StartFaults.BadSchedule), "'every day' is neither NCRONTAB")]
    [InlineData(typeof(StartFaults.UnboundParameter), "parameter 'name' of type System.String cannot be bound")]
    [InlineData(typeof(StartFaults.ClientWithoutAttribute), "Mark it with [DurableClient]")]
    [InlineData(typeof(StartFaults.OrchestratorInput), "by context.GetInput<T>()")]
    [InlineData(typeof(StartFaults.ActivityContext), "TaskActivityContext is not bindable")]
    [InlineData(typeof(StartFaults.UnknownService), "asks for System.Uri, which is not registered")]
    [InlineData(typeof(StartFaults.MalformedRoute), "route 'a/{id' is malformed")]
    [InlineData(typeof(StartFaults.NotPublic), "is not public")]
    [InlineData(typeof(StartFaults.AsyncVoid), "is async void")]
    [InlineData(typeof(StartFaults.ReturnsValueTask), "which the worker does not await")]
    public void App_WithAFault_IsRefusedWithItsNameAndMend(Type faulty, string expected)
    {
        FunctionsApplicationBuilder builder = FunctionsHost.Builder(
            FunctionsHost.NewFolder(),
            [typeof(ScopedLessFunctions), faulty]
        );

        var fault = Assert.Throws<HostStartException>(() => builder.Build());

        Assert.Contains(expected, Assert.Single(fault.Faults), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void App_WithSeveralFaults_HearsOfAllAtOnce()
    {
        FunctionsApplicationBuilder builder = FunctionsHost.Builder(
            FunctionsHost.NewFolder(),
            [typeof(StartFaults.NoTrigger), typeof(StartFaults.BadSchedule)]
        );

        Assert.Equal(2, Assert.Throws<HostStartException>(() => builder.Build()).Faults.Count);
    }

    [Fact]
    public void HttpRequest_WithoutAspNetCore_IsRefused()
    {
        FunctionsApplicationBuilder builder = FunctionsApplication
            .CreateBuilder([])
            .UseFunctions(typeof(ScopedLessFunctions));

        var fault = Assert.Throws<HostStartException>(() => builder.Build());

        Assert.Contains("ConfigureFunctionsWebApplication", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_AlreadyTaken_IsNamed()
    {
        await using FunctionsHost first = await FunctionsHost.StartAsync(typeof(ScopedLessFunctions));
        int port = first.Http.BaseAddress!.Port;
        FunctionsApplicationBuilder builder = FunctionsHost.Builder(
            FunctionsHost.NewFolder(),
            [typeof(ScopedLessFunctions)],
            $"urls=http://127.0.0.1:{port}"
        );

        var fault = await Assert.ThrowsAsync<HostStartException>(() => FunctionsHost.StartAsync(builder));

        Assert.Contains(port.ToString(), fault.Message, StringComparison.Ordinal);
        Assert.Contains("ASPNETCORE_URLS", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Store_OfARunningHost_IsNotOpenedTwice()
    {
        string folder = FunctionsHost.NewFolder();
        await using FunctionsHost first = await FunctionsHost.StartAsync(folder, typeof(ScopedLessFunctions));

        var fault = await Assert.ThrowsAsync<HostStartException>(() =>
            FunctionsHost.StartAsync(folder, typeof(ScopedLessFunctions))
        );

        Assert.Contains("local.db", fault.Message, StringComparison.Ordinal);
    }
}
