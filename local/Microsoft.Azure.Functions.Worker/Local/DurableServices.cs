using Azure.Core.Serialization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Portability.Local;

/// <summary>Payloads through the worker's serializer, so that the app sets up JSON in one place.</summary>
internal sealed class WorkerDataConverter(IOptions<WorkerOptions> options) : DataConverter
{
    private readonly ObjectSerializer _serializer =
        options.Value.Serializer ?? throw new InvalidOperationException("A serializer is not configured.");

    public override string? Serialize(object? value) =>
        value is null ? null : _serializer.Serialize(value, value.GetType(), CancellationToken.None).ToString();

    public override object? Deserialize(string? data, Type targetType) =>
        data is null
            ? null
            : _serializer.Deserialize(BinaryData.FromString(data).ToStream(), targetType, CancellationToken.None);
}

/// <summary>The engine's parts, by name, where the pipeline needs them.</summary>
internal static class DurableServices
{
    public static DataConverter GetDataConverter(this IServiceProvider services) =>
        services.GetRequiredService<WorkerDataConverter>();

    // Not registered as DurableTaskClient: constructor injection of the client would work here and fail in Azure.
    public static DurableTaskClient GetDurableClient(this IServiceProvider services) =>
        services.GetRequiredService<DurableEngine>().Client;
}
