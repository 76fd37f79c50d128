using System.Reflection;

namespace Portability.Demo;

/// <summary>Finds things of this repository from wherever the process was started.</summary>
public static class Checkout
{
    /// <summary>The build configuration of this assembly (<c>Debug</c> or <c>Release</c>); its neighbours are taken from the same.</summary>
    public static string Configuration { get; } =
        typeof(Checkout).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";

    /// <summary>
    /// Walks up from the assembly's folder, then from the working directory, to the first place where
    /// <paramref name="relativePath"/> exists.
    /// </summary>
    /// <returns>The full path, or <see langword="null"/> when it is nowhere above.</returns>
    public static string? Find(string relativePath)
    {
        ArgumentException.ThrowIfNullOrEmpty(relativePath);
        foreach (string start in (string[])[AppContext.BaseDirectory, Directory.GetCurrentDirectory()])
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                string candidate = Path.Combine(folder.FullName, relativePath);
                if (File.Exists(candidate) || Directory.Exists(candidate))
                {
                    return candidate;
                }
            }
        }

        return null;
    }
}
