using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Extensions.DependencyInjection;

namespace Portability.Local;

/// <summary>Where a parameter's value comes from.</summary>
internal enum ParameterSource
{
    Trigger,
    DurableClient,
    MessageActions,
    Converter,
    BindingData,
    FunctionContext,
    CancellationToken,
}

/// <summary>A parameter and where its value comes from.</summary>
internal sealed record BoundParameter(ParameterInfo Info, ParameterSource Source)
{
    public string Name => Info.Name!;

    public Type Type => Info.ParameterType;
}

/// <summary>A method found to be a function, with its one trigger.</summary>
internal sealed class FunctionMethod : FunctionDefinition
{
    private readonly MethodInvoker _invoker;
    private readonly ObjectFactory? _factory;
    private readonly PropertyInfo? _result;

    public FunctionMethod(
        string name,
        MethodInfo method,
        TriggerBindingAttribute trigger,
        IReadOnlyList<BoundParameter> parameters
    )
    {
        Name = name;
        Method = method;
        _invoker = MethodInvoker.Create(method);
        _factory = method.IsStatic ? null : ActivatorUtilities.CreateFactory(method.DeclaringType!, Type.EmptyTypes);
        _result =
            method.ReturnType.IsGenericType && method.ReturnType.GetGenericTypeDefinition() == typeof(Task<>)
                ? method.ReturnType.GetProperty(nameof(Task<object>.Result))
                : null;
        Trigger = trigger;
        BoundParameters = parameters;
        ParameterNames = [.. parameters.Select(parameter => parameter.Name)];
        Parameters = [.. parameters.Select(Describe)];
        InputBindings = parameters
            .Where(parameter => parameter.Source is ParameterSource.Trigger or ParameterSource.DurableClient)
            .ToImmutableDictionary(parameter => parameter.Name, Binding);
        ServiceBusOutputs = [.. Local.ServiceBusOutputs.Of(method)];
        OutputBindings = ServiceBusOutputs.ToImmutableDictionary(
            output => output.Name,
            BindingMetadata (output) => new LocalBinding(output.Name, "serviceBus", BindingDirection.Out)
        );
        if (trigger is HttpTriggerAttribute && !OutputBindings.ContainsKey("$return"))
        {
            OutputBindings = OutputBindings.Add("$return", new LocalBinding("$return", "http", BindingDirection.Out));
        }
    }

    public MethodInfo Method { get; }

    public TriggerBindingAttribute Trigger { get; }

    public IReadOnlyList<BoundParameter> BoundParameters { get; }

    /// <summary>What of the returned value goes to Service Bus.</summary>
    public IReadOnlyList<ServiceBusOutput> ServiceBusOutputs { get; }

    public ImmutableArray<string> ParameterNames { get; }

    public override string Name { get; }

    public override string Id => Name;

    public override string EntryPoint => $"{Method.DeclaringType}.{Method.Name}";

    public override string PathToAssembly => Method.DeclaringType!.Assembly.Location;

    public override ImmutableArray<FunctionParameter> Parameters { get; }

    public override IImmutableDictionary<string, BindingMetadata> InputBindings { get; }

    public override IImmutableDictionary<string, BindingMetadata> OutputBindings { get; }

    /// <summary>The trigger's name in function metadata, which middleware tests for.</summary>
    public static string TypeOf(TriggerBindingAttribute trigger) =>
        trigger switch
        {
            HttpTriggerAttribute => "httpTrigger",
            TimerTriggerAttribute => "timerTrigger",
            OrchestrationTriggerAttribute => "orchestrationTrigger",
            ActivityTriggerAttribute => "activityTrigger",
            ServiceBusTriggerAttribute => "serviceBusTrigger",
            _ => throw new ArgumentOutOfRangeException(nameof(trigger), trigger, "Not a trigger of this build."),
        };

    /// <summary>A new instance of the function's class from the invocation's services; null for a static method.</summary>
    public object? CreateInstance(IServiceProvider services) => _factory?.Invoke(services, null);

    /// <summary>Calls the method and awaits what it returns; null when it returns nothing.</summary>
    public async Task<object?> InvokeAsync(object? instance, object?[] arguments)
    {
        object? returned = _invoker.Invoke(instance, arguments.AsSpan());
        if (returned is not Task task)
        {
            return returned;
        }
        await task;
        return _result?.GetValue(task);
    }

    private BindingMetadata Binding(BoundParameter parameter) =>
        new LocalBinding(
            parameter.Name,
            parameter.Source == ParameterSource.Trigger ? TypeOf(Trigger) : "durableClient",
            BindingDirection.In
        );

    private static FunctionParameter Describe(BoundParameter parameter) =>
        new(
            parameter.Name,
            parameter.Type,
            parameter.Info.HasDefaultValue,
            parameter.Info.HasDefaultValue ? parameter.Info.DefaultValue : null,
            parameter
                .Info.GetCustomAttributes<BindingAttribute>()
                .ToImmutableDictionary(_ => "bindingAttribute", object (attribute) => attribute)
        );

    private sealed class LocalBinding(string name, string type, BindingDirection direction) : BindingMetadata
    {
        public override string Name => name;

        public override string Type => type;

        public override BindingDirection Direction => direction;
    }
}
