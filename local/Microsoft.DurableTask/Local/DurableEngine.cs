using Microsoft.Data.Sqlite;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Portability.Local.Engine;

namespace Portability.Local;

/// <summary>
/// The embedded Durable Task engine: event-sourced orchestrations on one SQLite file, for one process at a time.
/// </summary>
public sealed class DurableEngine : IAsyncDisposable, IClockedWork
{
    private readonly DurableEngineOptions _options;
    private readonly VirtualClock _clock;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly TaskTable<OrchestratorFunction> _orchestrators = new();
    private readonly TaskTable<ActivityFunction> _activities = new();
    private Running? _running;
    private IdleTimeSkip? _skip;

    /// <summary>An engine over a store; nothing is opened before <see cref="StartAsync"/>.</summary>
    public DurableEngine(DurableEngineOptions options, VirtualClock clock, ILoggerFactory loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxConcurrentActivities);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.MaximumTimerInterval, TimeSpan.Zero);
        _options = options;
        _clock = clock;
        _loggers = loggerFactory;
        _logger = loggerFactory.CreateLogger<DurableEngine>();
        Client = new EngineClient(() => Required.Runtime, options);
    }

    /// <summary>The client of this engine; usable once it has started.</summary>
    public DurableTaskClient Client { get; }

    /// <summary>When the next durable timer is due.</summary>
    public DateTimeOffset? NextDue => _running?.Runtime.Timers.NextDue is { } due ? new(due, TimeSpan.Zero) : null;

    private Running Required =>
        _running ?? throw new InvalidOperationException("The durable engine has not been started, or has stopped.");

    /// <summary>Adds an orchestrator; before the start.</summary>
    /// <exception cref="ArgumentException">There is one of this name.</exception>
    public void AddOrchestrator(TaskName name, OrchestratorFunction f) => AddOrchestrator(name, default, f);

    /// <summary>Adds an activity; before the start.</summary>
    /// <exception cref="ArgumentException">There is one of this name.</exception>
    public void AddActivity(TaskName name, ActivityFunction f) => AddActivity(name, default, f);

    /// <summary>Opens the store, restores the clock, and goes on where an earlier process ended.</summary>
    /// <exception cref="IOException">Another host has the store; the message names it.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_running is not null)
        {
            throw new InvalidOperationException("The durable engine has been started already.");
        }
        cancellationToken.ThrowIfCancellationRequested();
        string path = Path.GetFullPath(_options.StorePath);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        StoreLock held = StoreLock.Take(path);
        try
        {
            SqliteConnection connection = StoreSchema.Open(path, readOnly: false, _options.SurvivePowerLoss);
            try
            {
                StoreSchema.Prepare(connection, path);
                _running = Begin(path, connection, held);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }
        catch
        {
            held.Dispose();
            throw;
        }
        _clock.Register(this);
        if (_options.SkipIdleTimeAfter is { } pause)
        {
            _skip = new IdleTimeSkip(this, _clock, pause);
            _skip.Start();
        }
        return Task.CompletedTask;
    }

    /// <summary>
    /// Stops: running activities may end within the grace period, then they are cancelled and run again after the next
    /// start.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_running is not { } running)
        {
            return;
        }
        if (_skip is { } skip)
        {
            _skip = null;
            await skip.DisposeAsync();
        }
        _clock.Unregister(this);
        await running.Runtime.StopAsync(cancellationToken);
        _running = null;
        _clock.StoreOffset = null;
        running.Runtime.Writer.Dispose();
        running.Runtime.Reader.Dispose();
        running.Runtime.Dispose();
        running.Held.Dispose();
    }

    /// <inheritdoc />
    public Task RunDueAsync(DateTimeOffset now, CancellationToken ct)
    {
        _running?.Runtime.FireTimers(now.UtcDateTime);
        return Task.CompletedTask;
    }

    /// <summary>Ends when no orchestration is runnable, no activity runs or waits, and no message is queued.</summary>
    public Task WhenIdleAsync(CancellationToken ct) => _running?.Runtime.Idle.WhenIdleAsync(ct) ?? Task.CompletedTask;

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    /// <summary>
    /// Runs statements of another part of the runtime within a transaction of the one writer, on tables of its own. They
    /// refuse, by an exception, before they write.
    /// </summary>
    internal Task<T> StoreAsync<T>(Func<SqliteConnection, T> apply)
    {
        Runtime runtime = Required.Runtime;
        return new ClientOperation<T>(runtime.Idle, session => apply(session.Connection)).SubmitTo(runtime.Writer);
    }

    internal void AddOrchestrator(TaskName name, TaskVersion version, OrchestratorFunction f)
    {
        ThrowIfRunning();
        _orchestrators.Add(name.Name, version.Version, f);
    }

    internal void AddActivity(TaskName name, TaskVersion version, ActivityFunction f)
    {
        ThrowIfRunning();
        _activities.Add(name.Name, version.Version, f);
    }

    private Running Begin(string path, SqliteConnection connection, StoreLock held)
    {
        Recovery recovery = Recovery.Read(connection);
        _clock.Restore(recovery.ClockOffset);
        var session = new StoreSession(connection);
        if (
            recovery.ClockOffset == TimeSpan.Zero
            && _options.StartsAt - _clock.GetUtcNow() is { } ahead
            && ahead > TimeSpan.Zero
        )
        {
            // Stored first, as each move of the clock is: a crash must not bring it back.
            session.SetClockOffset(ahead);
            _clock.Restore(ahead);
        }
        var writer = new StoreWriter(session, _logger);
        var runtime = new Runtime(
            new RuntimeParts(
                _options,
                _clock,
                writer,
                new StoreReader(path),
                _orchestrators,
                _activities,
                _loggers,
                _logger
            )
        );
        _clock.StoreOffset = (offset, _) =>
            new ClientOperation<bool>(
                runtime.Idle,
                session =>
                {
                    session.SetClockOffset(offset);
                    return true;
                }
            ).SubmitTo(writer);
        _clock.OnPaceFailed = fault => _logger.LogError(fault, "Work that was due has failed.");
        runtime.Start(recovery);
        if (recovery.Instances.Count > 0)
        {
            _logger.LogInformation(
                "Taken up from {Store}: {Instances} orchestrations, {Activities} activities, {Timers} timers.",
                path,
                recovery.Instances.Count,
                recovery.Activities.Count,
                recovery.Timers.Count
            );
        }
        return new(runtime, held);
    }

    private void ThrowIfRunning()
    {
        if (_running is not null)
        {
            throw new InvalidOperationException("Tasks are added before the durable engine starts.");
        }
    }

    private sealed record Running(Runtime Runtime, StoreLock Held);
}
