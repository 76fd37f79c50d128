using Microsoft.Azure.Functions.Worker.Middleware;

namespace Portability.Local;

/// <summary>What was asked of the builder beside services and settings.</summary>
internal sealed class LocalHostPlan
{
    public List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> Middleware { get; } = [];

    /// <summary>Whether HTTP functions may use ASP.NET Core's types.</summary>
    public bool AspNetCore { get; set; }

    /// <summary>The types to look for functions in; the entry assembly's when null.</summary>
    public IReadOnlyList<Type>? Types { get; set; }

    /// <summary>The functions' pipeline: middleware in the order it was added, then the function.</summary>
    public FunctionExecutionDelegate Compose(FunctionExecutionDelegate function)
    {
        FunctionExecutionDelegate pipeline = function;
        for (int i = Middleware.Count - 1; i >= 0; i--)
        {
            pipeline = Middleware[i](pipeline);
        }
        return pipeline;
    }
}
