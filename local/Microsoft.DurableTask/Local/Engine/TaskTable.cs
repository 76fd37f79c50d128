namespace Portability.Local.Engine;

/// <summary>Functions by name and version, without regard to case.</summary>
internal sealed class TaskTable<T>
    where T : class
{
    private readonly Dictionary<string, Dictionary<string, T>> _functions = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds a function.</summary>
    /// <exception cref="ArgumentException">There is one of this name and version.</exception>
    public void Add(string name, string version, T function)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(function);
        if (!_functions.TryGetValue(name, out Dictionary<string, T>? versions))
        {
            _functions.Add(name, versions = new(StringComparer.OrdinalIgnoreCase));
        }
        if (!versions.TryAdd(version, function))
        {
            throw new ArgumentException(
                $"A task named '{name}' of version '{version}' is already registered.",
                nameof(name)
            );
        }
    }

    /// <summary>
    /// The function of this name and version; else the one without version, if the name has no versioned one.
    /// </summary>
    public T? Find(string name, string version) =>
        !_functions.TryGetValue(name, out Dictionary<string, T>? versions) ? null
        : versions.TryGetValue(version, out T? exact) ? exact
        : versions.Count == 1 && versions.TryGetValue("", out T? unversioned) ? unversioned
        : null;
}
