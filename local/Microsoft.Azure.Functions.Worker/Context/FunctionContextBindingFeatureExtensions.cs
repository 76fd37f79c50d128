using Portability.Local;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>What went into an invocation and what came out of it, for middleware.</summary>
public static class FunctionContextBindingFeatureExtensions
{
    /// <summary>Binds one input now; a value set on the result is what the function will get.</summary>
    public static async ValueTask<InputBindingData<T>> BindInputAsync<T>(
        this FunctionContext context,
        BindingMetadata bindingMetadata
    )
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(bindingMetadata);
        InvocationInputs inputs = Feature<InvocationInputs>(context);
        await inputs.BindAsync(bindingMetadata.Name);
        return new BoundInput<T>(inputs, bindingMetadata);
    }

    public static InvocationResult GetInvocationResult(this FunctionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new UntypedResult(Feature<InvocationOutcome>(context));
    }

    /// <exception cref="InvalidOperationException">The function returned another type.</exception>
    public static InvocationResult<T> GetInvocationResult<T>(this FunctionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new TypedResult<T>(Feature<InvocationOutcome>(context));
    }

    private static TFeature Feature<TFeature>(FunctionContext context)
        where TFeature : class =>
        context.Features.Get<TFeature>()
        ?? throw new InvalidOperationException($"This invocation has no {typeof(TFeature).Name}.");

    private sealed class UntypedResult(InvocationOutcome outcome) : InvocationResult
    {
        public override object? Value
        {
            get => outcome.Value;
            set => outcome.Value = value;
        }
    }

    private sealed class TypedResult<T>(InvocationOutcome outcome) : InvocationResult<T>
    {
        public override T? Value
        {
            get =>
                outcome.Value switch
                {
                    null => default,
                    T value => value,
                    object other => throw new InvalidOperationException(
                        $"The function returned {other.GetType()}, not {typeof(T)}."
                    ),
                };
            set => outcome.Value = value;
        }
    }

    private sealed class BoundInput<T>(InvocationInputs inputs, BindingMetadata metadata) : InputBindingData<T>
    {
        public override BindingMetadata BindingMetadata => metadata;

        public override T? Value
        {
            get => inputs.Get(metadata.Name) is T value ? value : default;
            set => inputs.Set(metadata.Name, value);
        }
    }
}
