using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;

namespace Portability.Local;

/// <summary>One invocation in this process.</summary>
internal sealed class LocalFunctionContext : FunctionContext
{
    public LocalFunctionContext(
        FunctionMethod function,
        IServiceProvider services,
        IReadOnlyDictionary<string, object?> bindingData,
        object? triggerValue,
        CancellationToken cancellationToken
    )
    {
        Function = function;
        TriggerValue = triggerValue;
        InstanceServices = services;
        BindingContext = new LocalBindingContext(bindingData);
        CancellationToken = cancellationToken;
        Features.Set(Outcome);
    }

    public FunctionMethod Function { get; }

    /// <summary>What the trigger delivers, before conversion to the parameter's type.</summary>
    public object? TriggerValue { get; set; }

    public InvocationOutcome Outcome { get; } = new();

    public override string InvocationId { get; } = Guid.NewGuid().ToString();

    public override string FunctionId => Function.Id;

    public override TraceContext TraceContext { get; } = new LocalTraceContext(Activity.Current);

    public override BindingContext BindingContext { get; }

    public override RetryContext RetryContext { get; } = new NoRetry();

    public override IServiceProvider InstanceServices { get; set; }

    public override FunctionDefinition FunctionDefinition => Function;

    public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

    public override IInvocationFeatures Features { get; } = new InvocationFeatures();

    public override CancellationToken CancellationToken { get; }

    private sealed class LocalBindingContext(IReadOnlyDictionary<string, object?> data) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData => data;
    }

    // Function-level retry attributes are not part of this build; activities retry by their orchestrator's policy.
    private sealed class NoRetry : RetryContext
    {
        public override int RetryCount => 0;

        public override int MaxRetryCount => 0;
    }

    private sealed class LocalTraceContext(Activity? activity) : TraceContext
    {
        public override string TraceParent => activity?.Id ?? "";

        public override string TraceState => activity?.TraceStateString ?? "";

        public override IReadOnlyDictionary<string, string> Attributes => ImmutableDictionary<string, string>.Empty;
    }
}
