using Azure.Core.Serialization;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Hands the message over as it is, or its body: text, bytes, or an object read with the worker's serializer.</summary>
internal sealed class ServiceBusReceivedMessageConverter : IInputConverter
{
    public async ValueTask<ConversionResult> ConvertAsync(ConverterContext context)
    {
        if (context.Source is not ProcessMessageEventArgs { Message: { } message })
        {
            return ConversionResult.Unhandled();
        }
        if (context.TargetType == typeof(ServiceBusReceivedMessage))
        {
            return ConversionResult.Success(message);
        }
        if (context.TargetType == typeof(string))
        {
            return ConversionResult.Success(message.Body.ToString());
        }
        if (context.TargetType == typeof(byte[]))
        {
            return ConversionResult.Success(message.Body.ToArray());
        }
        ObjectSerializer serializer = context
            .FunctionContext.InstanceServices.GetRequiredService<IOptions<WorkerOptions>>()
            .Value.Serializer!;
        try
        {
            return ConversionResult.Success(
                await serializer.DeserializeAsync(message.Body.ToStream(), context.TargetType, CancellationToken.None)
            );
        }
        catch (System.Text.Json.JsonException exception)
        {
            return ConversionResult.Failed(exception);
        }
    }
}

/// <summary>Gives the actions on the message that started the function.</summary>
internal sealed class ServiceBusMessageActionsConverter : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context) =>
        ValueTask.FromResult(
            context.Source is ProcessMessageEventArgs args
                ? ConversionResult.Success(new ServiceBusMessageActions(args))
                : ConversionResult.Unhandled()
        );
}
