using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portability.Local;

namespace Microsoft.Azure.Functions.Worker.Extensions.Timer.Converters
{
    /// <summary>Hands a timer's information over as it is.</summary>
    internal sealed class TimerInfoConverter : PassThroughConverter;
}

namespace Microsoft.Azure.Functions.Worker.Extensions.DurableTask
{
    /// <summary>Hands the engine's client over; nothing else can be bound to it.</summary>
    internal sealed class DurableTaskClientConverter : PassThroughConverter;

    /// <summary>Reads an activity's input with the app's serializer.</summary>
    internal sealed class ActivityInputConverter : IInputConverter
    {
        public ValueTask<ConversionResult> ConvertAsync(ConverterContext context)
        {
            try
            {
                object? value = context
                    .FunctionContext.InstanceServices.GetDataConverter()
                    .Deserialize((string?)context.Source, context.TargetType);
                return ValueTask.FromResult(ConversionResult.Success(value));
            }
            catch (Exception exception)
            {
                return ValueTask.FromResult(ConversionResult.Failed(exception));
            }
        }
    }
}

namespace Microsoft.Azure.Functions.Worker.Extensions.Http.Converters
{
    /// <summary>Reads the request's body with ASP.NET Core's own JSON options, as the official extension does.</summary>
    internal sealed class FromBodyConverter : IInputConverter
    {
        public async ValueTask<ConversionResult> ConvertAsync(ConverterContext context)
        {
            HttpContext? http = context.FunctionContext.GetHttpContext();
            if (http is null)
            {
                return ConversionResult.Unhandled();
            }
            if (!http.Request.HasJsonContentType())
            {
                return ConversionResult.Failed(
                    new InvalidOperationException($"Unsupported content type '{http.Request.ContentType}'.")
                );
            }
            JsonSerializerOptions options = http
                .RequestServices.GetRequiredService<IOptions<JsonOptions>>()
                .Value.JsonSerializerOptions;
            try
            {
                return ConversionResult.Success(
                    await http.Request.ReadFromJsonAsync(context.TargetType, options, http.RequestAborted)
                );
            }
            catch (JsonException exception)
            {
                return ConversionResult.Failed(new InvalidOperationException(exception.Message, exception));
            }
        }
    }
}

namespace Portability.Local
{
    /// <summary>For bindings that deliver the very object the parameter asks for.</summary>
    internal abstract class PassThroughConverter : IInputConverter
    {
        public ValueTask<ConversionResult> ConvertAsync(ConverterContext context) =>
            ValueTask.FromResult(
                context.TargetType.IsInstanceOfType(context.Source)
                    ? ConversionResult.Success(context.Source)
                    : ConversionResult.Unhandled()
            );
    }
}
