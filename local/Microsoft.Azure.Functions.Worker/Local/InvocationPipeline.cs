using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;

namespace Portability.Local;

/// <summary>Runs one function: the middleware, then parameters, instance and method.</summary>
internal sealed class InvocationPipeline
{
    private readonly FunctionExecutionDelegate _run;

    public InvocationPipeline(LocalHostPlan plan)
    {
        _run = plan.Compose(ExecuteAsync);
    }

    /// <summary>Runs middleware and function; the result is the context's outcome.</summary>
    public Task RunAsync(LocalFunctionContext context)
    {
        FunctionMethod function = context.Function;
        context.Features.Set(
            new InvocationInputs(function.ParameterNames, index => BindAsync(context, function.BoundParameters[index]))
        );
        return _run(context);
    }

    private static async Task ExecuteAsync(FunctionContext context)
    {
        var local = (LocalFunctionContext)context;
        object?[] arguments = await local.Features.Get<InvocationInputs>()!.BindAllAsync();
        if (local.Features.Get<OrchestratorStart>() is { } start)
        {
            start.Reached = true;
        }
        object? instance = local.Function.CreateInstance(context.InstanceServices);
        try
        {
            local.Outcome.Value = await local.Function.InvokeAsync(instance, arguments);
        }
        finally
        {
            await DisposeAsync(instance);
        }
    }

    private static async ValueTask<object?> BindAsync(LocalFunctionContext context, BoundParameter parameter)
    {
        switch (parameter.Source)
        {
            case ParameterSource.FunctionContext:
                return context;
            case ParameterSource.CancellationToken:
                return context.CancellationToken;
            case ParameterSource.BindingData:
                return FromBindingData(context, parameter);
            case ParameterSource.DurableClient:
                return await ConvertAsync(context, parameter, context.InstanceServices.GetDurableClient());
            default:
                return await ConvertAsync(context, parameter, context.TriggerValue);
        }
    }

    private static object? FromBindingData(LocalFunctionContext context, BoundParameter parameter)
    {
        // Route values and binding data are named without regard to case, parameters in C#'s own.
        object? value = context.BindingContext.BindingData.GetValueOrDefault(parameter.Name);
        if (value is null && parameter.Info.HasDefaultValue)
        {
            return parameter.Info.DefaultValue;
        }
        try
        {
            return BindingDataConversion.Convert(value, parameter.Type) ?? Absent(context, parameter);
        }
        catch (FormatException exception)
        {
            throw Fault(context, parameter, exception.Message, exception);
        }
    }

    private static async ValueTask<object?> ConvertAsync(
        LocalFunctionContext context,
        BoundParameter parameter,
        object? source
    )
    {
        // A converter is named on the parameter itself, on the class of its binding, or on the parameter's type.
        IEnumerable<InputConverterAttribute> converters = parameter
            .Info.GetCustomAttributes<InputConverterAttribute>()
            .Concat(
                parameter
                    .Info.GetCustomAttributes<BindingAttribute>()
                    .SelectMany(binding => binding.GetType().GetCustomAttributes<InputConverterAttribute>())
            )
            .Concat(parameter.Type.GetCustomAttributes<InputConverterAttribute>());
        var conversion = new Conversion(context, parameter.Type, source);
        foreach (InputConverterAttribute attribute in converters)
        {
            var converter = (IInputConverter)
                ActivatorUtilities.GetServiceOrCreateInstance(context.InstanceServices, attribute.ConverterType);
            ConversionResult result = await converter.ConvertAsync(conversion);
            if (result.Status == ConversionStatus.Succeeded)
            {
                return result.Value ?? Absent(context, parameter);
            }
            if (result.Status == ConversionStatus.Failed)
            {
                throw Fault(context, parameter, result.Error!.Message, result.Error);
            }
        }
        return parameter.Type.IsInstanceOfType(source)
            ? source
            : throw Fault(context, parameter, "No converter took it.", null);
    }

    private static object? Absent(LocalFunctionContext context, BoundParameter parameter) =>
        parameter.Type.IsValueType && Nullable.GetUnderlyingType(parameter.Type) is null
            ? throw Fault(context, parameter, "There is no value, and the type has no null.", null)
            : null;

    private static FunctionInputConverterException Fault(
        LocalFunctionContext context,
        BoundParameter parameter,
        string message,
        Exception? inner
    ) =>
        new(
            $"Error converting 1 input parameters for Function '{context.Function.Name}': Cannot convert input parameter "
                + $"'{parameter.Name}' to type '{parameter.Type}'. Error: {message}",
            inner
        );

    private static async ValueTask DisposeAsync(object? instance)
    {
        if (instance is IAsyncDisposable asynchronous)
        {
            await asynchronous.DisposeAsync();
        }
        else
        {
            (instance as IDisposable)?.Dispose();
        }
    }

    private sealed class Conversion(FunctionContext context, Type targetType, object? source) : ConverterContext
    {
        public override Type TargetType => targetType;

        public override object? Source => source;

        public override FunctionContext FunctionContext => context;

        public override IReadOnlyDictionary<string, object> Properties { get; } = new Dictionary<string, object>();
    }
}
