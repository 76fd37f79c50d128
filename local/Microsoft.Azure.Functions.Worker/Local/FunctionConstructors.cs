using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Portability.Local;

/// <summary>Checks before the start that the classes of functions can be made.</summary>
internal static class FunctionConstructors
{
    /// <exception cref="HostStartException">A service that a constructor asks for is not registered.</exception>
    public static void Check(IEnumerable<FunctionMethod> functions, IServiceProviderIsService services)
    {
        var faults = new List<string>();
        IEnumerable<Type> types = functions
            .Where(function => !function.Method.IsStatic)
            .Select(function => function.Method.DeclaringType!)
            .Distinct();
        foreach (Type type in types)
        {
            ConstructorInfo[] constructors = type.GetConstructors();
            if (constructors.Length != 1)
            {
                // With several, the activator picks one when it is called.
                continue;
            }
            faults.AddRange(
                constructors[0]
                    .GetParameters()
                    .Where(parameter => !parameter.HasDefaultValue)
                    .Where(parameter => !parameter.IsDefined(typeof(FromKeyedServicesAttribute)))
                    .Where(parameter => !services.IsService(parameter.ParameterType))
                    .Select(parameter =>
                        $"{type} asks for {parameter.ParameterType}, which is not registered as a service."
                    )
            );
        }
        if (faults.Count > 0)
        {
            throw new HostStartException(faults);
        }
    }
}
