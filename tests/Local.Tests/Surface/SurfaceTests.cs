using System.Reflection;
using Azure.Data.Tables;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.DurableTask;
using Parquet;

namespace Local.Tests.Surface;

/// <summary>
/// No stand-in shows anything the official packages do not, and none lacks an overload of a method it shows: either
/// would compile here and mean something else, or nothing, against the packages. What is the runtime's own is in
/// <c>Portability.Local</c>.
/// </summary>
public sealed class SurfaceTests
{
    private static readonly string[] DurableTask =
    [
        "Microsoft.DurableTask.Abstractions",
        "Microsoft.DurableTask.Client",
        "Microsoft.DurableTask.Worker",
        "Microsoft.DurableTask.InProcessTestHost",
    ];

    private static readonly string[] Functions =
    [
        "Microsoft.Azure.Functions.Worker",
        "Microsoft.Azure.Functions.Worker.Core",
        "Microsoft.Azure.Functions.Worker.Extensions.Abstractions",
        "Microsoft.Azure.Functions.Worker.Extensions.DurableTask",
        "Microsoft.Azure.Functions.Worker.Extensions.Http",
        "Microsoft.Azure.Functions.Worker.Extensions.Http.AspNetCore",
        "Microsoft.Azure.Functions.Worker.Extensions.ServiceBus",
        "Microsoft.Azure.Functions.Worker.Extensions.Timer",
    ];

    [Fact]
    public void DurableTask_PublicSurface_IsTheOfficialOnesWithAllOverloads() =>
        AssertOfficial(typeof(TaskOrchestrationContext).Assembly, [.. DurableTask, "Supplement"]);

    [Fact]
    public void FunctionsWorker_PublicSurface_IsTheOfficialOnesWithAllOverloads() =>
        AssertOfficial(typeof(FunctionsApplication).Assembly, [.. Functions, "Supplement"]);

    [Fact]
    public void DataTables_PublicSurface_IsTheOfficialOnesWithAllOverloads() =>
        AssertOfficial(typeof(TableClient).Assembly, ["Azure.Data.Tables"]);

    [Fact]
    public void ParquetNet_PublicSurface_IsTheOfficialOnesWithAllOverloads() =>
        AssertOfficial(typeof(ParquetWriter).Assembly, ["Parquet"]);

    [Fact]
    public void ServiceBus_PublicSurface_IsTheOfficialOnesWithAllOverloads() =>
        AssertOfficial(typeof(ServiceBusClient).Assembly, ["Azure.Messaging.ServiceBus"]);

    private static void AssertOfficial(Assembly standIn, string[] lists)
    {
        IReadOnlyList<string> shown = ApiDump.Of(standIn.GetTypes().Where(type => !IsOwn(type)));
        Assert.True(shown.Count > 50, $"{standIn.GetName().Name} shows only {shown.Count} lines.");
        ApiComparison comparison = ApiComparison.Of(
            shown,
            OfficialSurface.Read(lists),
            OfficialSurface.Read("LeftOut")
        );
        Assert.Equal("", string.Join('\n', comparison.Unofficial));
        Assert.Equal("", string.Join('\n', comparison.MissingOverloads));
    }

    private static bool IsOwn(Type type) =>
        type.Namespace == "Portability.Local"
        || type.Namespace?.StartsWith("Portability.Local.", StringComparison.Ordinal) == true;
}
