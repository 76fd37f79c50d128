using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Portability.Local;

/// <summary>
/// Finds the functions of a set of types and checks that each could be run. What Azure would refuse, or bind otherwise
/// than meant, is a fault here before anything starts.
/// </summary>
internal sealed class FunctionDiscovery(AppSettings settings, bool aspNetCore)
{
    private const BindingFlags Methods =
        BindingFlags.Public
        | BindingFlags.NonPublic
        | BindingFlags.Instance
        | BindingFlags.Static
        | BindingFlags.DeclaredOnly;

    private readonly List<string> _faults = [];

    /// <exception cref="HostStartException">Some function could not be run; all faults are listed.</exception>
    public IReadOnlyList<FunctionMethod> Find(IEnumerable<Type> types)
    {
        var functions = new List<FunctionMethod>();
        foreach (Type type in types.OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            foreach (MethodInfo method in type.GetMethods(Methods))
            {
                if (method.GetCustomAttribute<FunctionAttribute>() is { } attribute)
                {
                    Read(attribute.Name, method, functions);
                }
            }
        }
        foreach (var same in functions.GroupBy(function => function.Name, StringComparer.OrdinalIgnoreCase))
        {
            if (same.Skip(1).Any())
            {
                string methods = string.Join(", ", same.Select(function => function.EntryPoint));
                _faults.Add($"The name '{same.Key}' is used by {methods}: give each function a name of its own.");
            }
        }
        return _faults.Count == 0 ? functions : throw new HostStartException(_faults);
    }

    private void Read(string name, MethodInfo method, List<FunctionMethod> functions)
    {
        int before = _faults.Count;
        string where = $"Function '{name}' ({method.DeclaringType}.{method.Name})";
        ParameterInfo[] parameters = method.GetParameters();
        ParameterInfo[] triggers = [.. parameters.Where(IsTrigger)];
        if (string.IsNullOrWhiteSpace(name))
        {
            _faults.Add($"{where} has no name.");
        }
        if (
            method.ReturnType == typeof(void)
            && method.IsDefined(typeof(System.Runtime.CompilerServices.AsyncStateMachineAttribute), inherit: false)
        )
        {
            _faults.Add($"{where} is async void: return Task, or its end is not seen.");
        }
        if (!method.IsPublic || !method.DeclaringType!.IsVisible)
        {
            _faults.Add($"{where} is not public, and the worker's generated code could not call it.");
        }
        if (IsValueTask(method.ReturnType))
        {
            _faults.Add($"{where} returns {method.ReturnType.Name}, which the worker does not await: return Task.");
        }
        if (method.ContainsGenericParameters || method.DeclaringType is { IsAbstract: true, IsSealed: false })
        {
            _faults.Add($"{where} is generic or in an abstract class, and cannot be called.");
        }
        if (triggers.Length != 1)
        {
            _faults.Add(
                triggers.Length == 0
                    ? $"{where} has no trigger: mark one parameter with a trigger attribute."
                    : $"{where} has {triggers.Length} triggers: keep one."
            );
            return;
        }
        CheckOutputs(where, method, triggers[0].GetCustomAttribute<TriggerBindingAttribute>()!);
        TriggerBindingAttribute trigger = triggers[0].GetCustomAttribute<TriggerBindingAttribute>()!;
        CheckTrigger(where, trigger, triggers[0]);
        IReadOnlyCollection<string> data = BindingData(where, name, trigger);
        var bound = new List<BoundParameter>();
        foreach (ParameterInfo parameter in parameters)
        {
            if (SourceOf(parameter, trigger, data) is { } source)
            {
                bound.Add(new BoundParameter(parameter, source));
            }
            else
            {
                _faults.Add(
                    $"{where}: parameter '{parameter.Name}' of type {parameter.ParameterType} cannot be bound. "
                        + Advice(parameter, trigger)
                );
            }
        }
        if (_faults.Count == before)
        {
            functions.Add(new FunctionMethod(name, method, trigger, bound));
        }
    }

    private void CheckTrigger(string where, TriggerBindingAttribute trigger, ParameterInfo parameter)
    {
        Type type = parameter.ParameterType;
        switch (trigger)
        {
            case HttpTriggerAttribute when type == typeof(HttpRequest) && !aspNetCore:
                _faults.Add($"{where} takes HttpRequest: call ConfigureFunctionsWebApplication() on the builder.");
                break;
            case HttpTriggerAttribute when type != typeof(HttpRequest) && type != typeof(HttpRequestData):
                _faults.Add(
                    $"{where}: an HTTP trigger is an HttpRequest or HttpRequestData; bind others by [FromBody]."
                );
                break;
            case TimerTriggerAttribute timer:
                if (type != typeof(TimerInfo))
                {
                    _faults.Add($"{where}: a timer trigger is a TimerInfo, not {type}.");
                }
                if (Expand(where, timer.Schedule) is { } schedule && !TimerSchedule.TryParse(schedule, out _))
                {
                    _faults.Add($"{where}: '{schedule}' is neither NCRONTAB with six fields nor a TimeSpan.");
                }
                break;
            case OrchestrationTriggerAttribute when type != typeof(TaskOrchestrationContext):
                _faults.Add($"{where}: an orchestration trigger is a TaskOrchestrationContext, not {type}.");
                break;
            case ServiceBusTriggerAttribute bus:
                CheckServiceBus(where, bus, type);
                break;
            case ActivityTriggerAttribute when type == typeof(TaskActivityContext):
                _faults.Add($"{where}: TaskActivityContext is not bindable; take the input, and 'string instanceId'.");
                break;
        }
    }

    private void CheckServiceBus(string where, ServiceBusTriggerAttribute trigger, Type type)
    {
        if (trigger.IsBatched || trigger.IsSessionsEnabled)
        {
            _faults.Add($"{where}: batches and sessions are not served by this host; order by a sequence of your own.");
        }
        if (type == typeof(BinaryData) || (type.IsArray && type != typeof(byte[])))
        {
            _faults.Add($"{where}: take ServiceBusReceivedMessage, string, byte[] or an object, not {type}.");
        }
        string?[] names = trigger.QueueName is { } queue ? [queue] : [trigger.TopicName, trigger.SubscriptionName];
        foreach (string? name in names)
        {
            if (string.IsNullOrWhiteSpace(name))
            {
                _faults.Add($"{where}: the trigger names no queue or subscription.");
            }
            else
            {
                Expand(where, name);
            }
        }
    }

    private void CheckOutputs(string where, MethodInfo method, TriggerBindingAttribute trigger)
    {
        foreach (ServiceBusOutput output in ServiceBusOutputs.Of(method))
        {
            if (trigger is OrchestrationTriggerAttribute)
            {
                _faults.Add($"{where}: an orchestrator has no output bindings; send from an activity.");
            }
            Expand(where, output.Attribute.QueueOrTopicName);
        }
    }

    /// <summary>The names a trigger supplies beside its main value, which parameters may bear.</summary>
    private IReadOnlyCollection<string> BindingData(string where, string name, TriggerBindingAttribute trigger)
    {
        switch (trigger)
        {
            case ActivityTriggerAttribute:
                return ["instanceId"];
            case ServiceBusTriggerAttribute:
                return ServiceBusTriggers.BindingNames;
            case HttpTriggerAttribute http when Expand(where, http.Route ?? name) is { } route:
                try
                {
                    return [.. RoutePatternFactory.Parse(route).Parameters.Select(parameter => parameter.Name)];
                }
                catch (RoutePatternException exception)
                {
                    _faults.Add($"{where}: route '{route}' is malformed: {exception.Message}");
                    return [];
                }
            default:
                return [];
        }
    }

    private static ParameterSource? SourceOf(
        ParameterInfo parameter,
        TriggerBindingAttribute trigger,
        IReadOnlyCollection<string> data
    )
    {
        Type type = parameter.ParameterType;
        if (IsTrigger(parameter))
        {
            return ParameterSource.Trigger;
        }
        if (type == typeof(FunctionContext))
        {
            return ParameterSource.FunctionContext;
        }
        if (type == typeof(CancellationToken))
        {
            return ParameterSource.CancellationToken;
        }
        if (trigger is OrchestrationTriggerAttribute)
        {
            return null;
        }
        if (parameter.IsDefined(typeof(DurableClientAttribute)))
        {
            return type == typeof(DurableTaskClient) ? ParameterSource.DurableClient : null;
        }
        if (type == typeof(ServiceBusMessageActions))
        {
            return trigger is ServiceBusTriggerAttribute ? ParameterSource.MessageActions : null;
        }
        if (parameter.IsDefined(typeof(InputConverterAttribute)))
        {
            return trigger is HttpTriggerAttribute || !parameter.IsDefined(typeof(FromBodyAttribute))
                ? ParameterSource.Converter
                : null;
        }
        bool named = data.Contains(parameter.Name, StringComparer.OrdinalIgnoreCase);
        return named && BindingDataConversion.Supports(type) ? ParameterSource.BindingData : null;
    }

    private static string Advice(ParameterInfo parameter, TriggerBindingAttribute trigger) =>
        trigger switch
        {
            OrchestrationTriggerAttribute => "Read an orchestrator's input by context.GetInput<T>().",
            _ when parameter.ParameterType == typeof(DurableTaskClient) => "Mark it with [DurableClient].",
            HttpTriggerAttribute => "Use a route parameter's name, [FromBody], or read the HttpRequest.",
            _ => "Take services by the class's constructor.",
        };

    private string? Expand(string where, string text)
    {
        if (settings.TryExpand(text, out string expanded, out string? missing))
        {
            return expanded;
        }
        _faults.Add($"{where}: '{text}' names the setting '{missing}', which is not there.");
        return null;
    }

    private static bool IsTrigger(ParameterInfo parameter) =>
        parameter.IsDefined(typeof(TriggerBindingAttribute), inherit: true);

    private static bool IsValueTask(Type type) =>
        type == typeof(ValueTask) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>));
}
