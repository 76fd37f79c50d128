using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.DurableTask;

/// <summary>Orchestrators and activities by name.</summary>
public sealed partial class DurableTaskRegistry
{
    private readonly Dictionary<(TaskName, TaskVersion), Func<IServiceProvider, ITaskOrchestrator>> _orchestrators = [];
    private readonly Dictionary<(TaskName, TaskVersion), Func<IServiceProvider, ITaskActivity>> _activities = [];

    internal IEnumerable<(
        TaskName Name,
        TaskVersion Version,
        Func<IServiceProvider, ITaskOrchestrator> Factory
    )> AllOrchestrators => _orchestrators.Select(entry => (entry.Key.Item1, entry.Key.Item2, entry.Value));

    internal IEnumerable<(
        TaskName Name,
        TaskVersion Version,
        Func<IServiceProvider, ITaskActivity> Factory
    )> AllActivities => _activities.Select(entry => (entry.Key.Item1, entry.Key.Item2, entry.Value));

    /// <summary>The orchestrators without version.</summary>
    public IEnumerable<KeyValuePair<TaskName, Func<IServiceProvider, ITaskOrchestrator>>> GetOrchestrators() =>
        AllOrchestrators
            .Where(entry => entry.Version == TaskVersion.Unversioned)
            .Select(entry => KeyValuePair.Create(entry.Name, entry.Factory));

    /// <summary>The activities without version.</summary>
    public IEnumerable<KeyValuePair<TaskName, Func<IServiceProvider, ITaskActivity>>> GetActivities() =>
        AllActivities
            .Where(entry => entry.Version == TaskVersion.Unversioned)
            .Select(entry => KeyValuePair.Create(entry.Name, entry.Factory));

    /// <summary>Adds an orchestrator of a version.</summary>
    public DurableTaskRegistry AddOrchestrator(TaskName name, TaskVersion version, Func<ITaskOrchestrator> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return Add(_orchestrators, name, version, _ => factory());
    }

    /// <summary>Adds an orchestrator.</summary>
    public DurableTaskRegistry AddOrchestrator(TaskName name, Func<ITaskOrchestrator> factory) =>
        AddOrchestrator(name, default, factory);

    /// <summary>Adds an orchestrator class.</summary>
    public DurableTaskRegistry AddOrchestrator(TaskName name, Type type)
    {
        ThrowUnless<ITaskOrchestrator>(type);
        return Add(
            _orchestrators,
            name,
            VersionOf(type),
            services => (ITaskOrchestrator)ActivatorUtilities.GetServiceOrCreateInstance(services, type)
        );
    }

    /// <summary>Adds an orchestrator class under its own name.</summary>
    public DurableTaskRegistry AddOrchestrator(Type type) => AddOrchestrator(NameOf(type), type);

    /// <summary>Adds an orchestrator class.</summary>
    public DurableTaskRegistry AddOrchestrator<TOrchestrator>(TaskName name)
        where TOrchestrator : class, ITaskOrchestrator => AddOrchestrator(name, typeof(TOrchestrator));

    /// <summary>Adds an orchestrator class under its own name.</summary>
    public DurableTaskRegistry AddOrchestrator<TOrchestrator>()
        where TOrchestrator : class, ITaskOrchestrator => AddOrchestrator(typeof(TOrchestrator));

    /// <summary>Adds one orchestrator object.</summary>
    public DurableTaskRegistry AddOrchestrator(TaskName name, ITaskOrchestrator orchestrator)
    {
        ArgumentNullException.ThrowIfNull(orchestrator);
        return Add(_orchestrators, name, VersionOf(orchestrator.GetType()), _ => orchestrator);
    }

    /// <summary>Adds one orchestrator object under its class's name.</summary>
    public DurableTaskRegistry AddOrchestrator(ITaskOrchestrator orchestrator)
    {
        ArgumentNullException.ThrowIfNull(orchestrator);
        return AddOrchestrator(NameOf(orchestrator.GetType()), orchestrator);
    }

    /// <summary>Adds an activity of a version.</summary>
    public DurableTaskRegistry AddActivity(TaskName name, TaskVersion version, Func<ITaskActivity> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return Add(_activities, name, version, _ => factory());
    }

    /// <summary>Adds an activity.</summary>
    public DurableTaskRegistry AddActivity(TaskName name, Func<IServiceProvider, ITaskActivity> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return Add(_activities, name, default, factory);
    }

    /// <summary>Adds an activity class.</summary>
    public DurableTaskRegistry AddActivity(TaskName name, Type type)
    {
        ThrowUnless<ITaskActivity>(type);
        return Add(
            _activities,
            name,
            VersionOf(type),
            services => (ITaskActivity)ActivatorUtilities.GetServiceOrCreateInstance(services, type)
        );
    }

    /// <summary>Adds an activity class under its own name.</summary>
    public DurableTaskRegistry AddActivity(Type type) => AddActivity(NameOf(type), type);

    /// <summary>Adds an activity class.</summary>
    public DurableTaskRegistry AddActivity<TActivity>(TaskName name)
        where TActivity : class, ITaskActivity => AddActivity(name, typeof(TActivity));

    /// <summary>Adds an activity class under its own name.</summary>
    public DurableTaskRegistry AddActivity<TActivity>()
        where TActivity : class, ITaskActivity => AddActivity(typeof(TActivity));

    /// <summary>Adds one activity object.</summary>
    public DurableTaskRegistry AddActivity(TaskName name, ITaskActivity activity)
    {
        ArgumentNullException.ThrowIfNull(activity);
        return Add(_activities, name, VersionOf(activity.GetType()), _ => activity);
    }

    /// <summary>Adds one activity object under its class's name.</summary>
    public DurableTaskRegistry AddActivity(ITaskActivity activity)
    {
        ArgumentNullException.ThrowIfNull(activity);
        return AddActivity(NameOf(activity.GetType()), activity);
    }

    private DurableTaskRegistry Add<T>(
        Dictionary<(TaskName, TaskVersion), Func<IServiceProvider, T>> tasks,
        TaskName name,
        TaskVersion version,
        Func<IServiceProvider, T> factory
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(name.Name, nameof(name));
        if (!tasks.TryAdd((name, version), factory))
        {
            throw new ArgumentException($"A task named '{name}' of version '{version.Version}' is already there.");
        }
        return this;
    }

    private static void ThrowUnless<T>(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (!type.IsAssignableTo(typeof(T)) || type.IsAbstract)
        {
            throw new ArgumentException($"{type} is not a class that implements {typeof(T).Name}.", nameof(type));
        }
    }

    private static TaskName NameOf(Type type) =>
        type.GetCustomAttribute<DurableTaskAttribute>()?.Name is { Name: { } name } ? name : new TaskName(type.Name);

    private static TaskVersion VersionOf(Type type) => type.GetCustomAttribute<DurableTaskAttribute>()?.Version;
}
