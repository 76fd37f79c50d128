using System.Reflection;
using Microsoft.Azure.Functions.Worker.Builder;

namespace Portability.Local;

/// <summary>Names the functions to host where the entry assembly is not the app, as in tests.</summary>
public static class FunctionsApplicationBuilderExtensions
{
    /// <summary>Hosts the functions of these types and no others.</summary>
    public static FunctionsApplicationBuilder UseFunctions(
        this FunctionsApplicationBuilder builder,
        params Type[] types
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Plan.Types = types;
        return builder;
    }

    /// <summary>Hosts the functions of this assembly and no others.</summary>
    public static FunctionsApplicationBuilder UseFunctions(this FunctionsApplicationBuilder builder, Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        return builder.UseFunctions(assembly.GetTypes());
    }
}
