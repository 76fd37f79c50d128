using System.Globalization;
using DurableTask.Core.Exceptions;
using Grpc.Core;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using StateStatus = Microsoft.DurableTask.Client.OrchestrationRuntimeStatus;

namespace Portability.Local.Engine;

/// <summary>The client of an engine. Every change is stored when its task ends.</summary>
internal sealed class EngineClient(Func<Runtime> runtime, DurableEngineOptions options) : DurableTaskClient("embedded")
{
    // As the Functions host has it by default: an instance that has not ended is never overwritten.
    private static readonly StateStatus[] NeverReplaced =
    [
        StateStatus.Pending,
        StateStatus.Running,
        StateStatus.Suspended,
    ];

    private DataConverter Converter => options.DataConverter;

    public override async Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName,
        object? input = null,
        StartOrchestrationOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(orchestratorName.Name, nameof(orchestratorName));
        string id = options?.InstanceId ?? Guid.NewGuid().ToString("N");
        InstanceIds.ThrowIfInvalid(id, nameof(options));
        HashSet<StateStatus> kept = Kept(options?.DedupeStatuses);
        Runtime engine = runtime();
        DateTime now = engine.Now;
        var start = new InstanceStart(
            new NewInstance(
                engine.NextSeq(),
                id,
                orchestratorName.Name,
                options?.Version?.Version ?? this.DefaultVersion,
                Converter.Serialize(input),
                Tags.Write(options?.Tags),
                now,
                options?.StartAt?.UtcDateTime,
                null
            ),
            engine.NextSeq()
        );
        await StartAsync(start, kept, cancellation);
        return id;
    }

    public override Task RaiseEventAsync(
        string instanceId,
        string eventName,
        object? eventPayload = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        var fact = new EventRaised(eventName, Converter.Serialize(eventPayload));
        Runtime engine = runtime();
        return engine.FindLive(instanceId) is { } live
            ? RaiseAsync(engine, live, fact, cancellation)
            : SendAsync(instanceId, fact, found => !found.HasEnded, cancellation);
    }

    public override Task SuspendInstanceAsync(
        string instanceId,
        string? reason = null,
        CancellationToken cancellation = default
    ) =>
        SendAsync(
            instanceId,
            new ExecutionSuspended(reason),
            found => found.Status is StateStatus.Running or StateStatus.Pending,
            cancellation
        );

    public override Task ResumeInstanceAsync(
        string instanceId,
        string? reason = null,
        CancellationToken cancellation = default
    ) =>
        SendAsync(
            instanceId,
            new ExecutionResumed(reason),
            found => found.Status is StateStatus.Suspended,
            cancellation
        );

    public override Task TerminateInstanceAsync(
        string instanceId,
        TerminateInstanceOptions? options = null,
        CancellationToken cancellation = default
    ) =>
        SendAsync(
            instanceId,
            new ExecutionTerminated(Converter.Serialize(options?.Output)),
            found => !found.HasEnded,
            cancellation
        );

    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(
        string instanceId,
        bool getInputsAndOutputs = false,
        CancellationToken cancellation = default
    ) => WaitAsync(instanceId, getInputsAndOutputs, status => status is not StateStatus.Pending, cancellation);

    public override async Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(
        string instanceId,
        bool getInputsAndOutputs = false,
        CancellationToken cancellation = default
    )
    {
        if (runtime().FindLive(instanceId) is null && await GetInstanceAsync(instanceId, cancellation) is null)
        {
            throw Missing(instanceId);
        }
        return await WaitAsync(instanceId, getInputsAndOutputs, HasEnded, cancellation);
    }

    public override Task<OrchestrationMetadata?> GetInstancesAsync(
        string instanceId,
        bool getInputsAndOutputs = false,
        CancellationToken cancellation = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        cancellation.ThrowIfCancellationRequested();
        return Task.FromResult(runtime().Reader.Find(instanceId, getInputsAndOutputs ? Converter : null));
    }

    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null)
    {
        OrchestrationQuery query = filter ?? new();
        return Pageable.Create<OrchestrationMetadata>(
            (token, sizeHint, _) =>
            {
                string? from = token ?? query.ContinuationToken;
                long after = string.IsNullOrEmpty(from) ? 0 : long.Parse(from, CultureInfo.InvariantCulture);
                int size = Math.Max(1, sizeHint ?? query.PageSize);
                (IReadOnlyList<OrchestrationMetadata> values, long? last) = runtime()
                    .Reader.Query(query, after, size, Converter);
                return Task.FromResult(
                    new Page<OrchestrationMetadata>(values, last?.ToString(CultureInfo.InvariantCulture))
                );
            }
        );
    }

    public override async Task<PurgeResult> PurgeInstanceAsync(
        string instanceId,
        PurgeInstanceOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        int count = await SubmitAsync(
            session =>
            {
                if (session.Find(instanceId) is not { } found)
                {
                    return 0;
                }
                if (!found.HasEnded)
                {
                    throw new InvalidOperationException(
                        $"Instance '{instanceId}' is {found.Status}; only ended ones are purged. Terminate it first."
                    );
                }
                session.Forget(found.Key);
                return 1;
            },
            null,
            cancellation
        );
        return new PurgeResult(count);
    }

    public override async Task<PurgeResult> PurgeAllInstancesAsync(
        PurgeInstancesFilter filter,
        PurgeInstanceOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(filter);
        long start = TimeProvider.System.GetTimestamp();
        int count = 0;
        foreach (long[] keys in runtime().Reader.FindEnded(filter).Chunk(200))
        {
            if (filter.Timeout is { } limit && TimeProvider.System.GetElapsedTime(start) > limit)
            {
                return new PurgeResult(count, isComplete: false);
            }
            count += await SubmitAsync(session => Forget(session, keys), null, cancellation);
        }
        return new PurgeResult(count, isComplete: true);
    }

    public override async Task<string> RestartAsync(
        string instanceId,
        bool restartWithNewInstanceId = false,
        CancellationToken cancellation = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        Runtime engine = runtime();
        string id = restartWithNewInstanceId ? Guid.NewGuid().ToString("N") : instanceId;
        await SubmitAsync(
            session =>
            {
                FoundInstance found =
                    session.Find(instanceId)
                    ?? throw new ArgumentException($"There is no instance '{instanceId}'.", nameof(instanceId));
                if (!found.HasEnded)
                {
                    throw new InvalidOperationException(
                        $"Instance '{instanceId}' is {found.Status}; only ended ones are restarted."
                    );
                }
                if (!restartWithNewInstanceId)
                {
                    session.Forget(found.Key);
                }
                var start = new InstanceStart(
                    new NewInstance(
                        engine.NextSeq(),
                        id,
                        found.Name,
                        found.Version,
                        found.Input,
                        found.Tags,
                        engine.Now,
                        null,
                        null
                    ),
                    engine.NextSeq()
                );
                start.Apply(session);
                return start;
            },
            engine.Add,
            cancellation
        );
        return id;
    }

    // The engine owns what the client uses.
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private string DefaultVersion => options.DefaultVersion;

    private static int Forget(StoreSession session, long[] keys)
    {
        int count = 0;
        foreach (long key in keys)
        {
            // It may have been overwritten since it was found; keys are not used twice.
            count += session.Forget(key);
        }
        return count;
    }

    private static HashSet<StateStatus> Kept(IReadOnlyList<string>? dedupeStatuses)
    {
        var kept = NeverReplaced.ToHashSet();
        foreach (string name in dedupeStatuses ?? [])
        {
            if (
                !Enum.TryParse(name, ignoreCase: true, out StateStatus status)
                || !StartOrchestrationOptionsExtensions.ValidDedupeStatuses.Contains(status)
            )
            {
                throw new ArgumentException(
                    $"'{name}' is not a status by which starts are deduplicated.",
                    nameof(dedupeStatuses)
                );
            }
            kept.Add(status);
        }
        return kept;
    }

    private static RpcException Missing(string instanceId) =>
        new(new Status(StatusCode.NotFound, $"There is no instance '{instanceId}'."));

    private Task<InstanceStart> StartAsync(
        InstanceStart start,
        HashSet<StateStatus> kept,
        CancellationToken cancellation
    ) =>
        SubmitAsync(
            session =>
            {
                if (session.Find(start.New.Id) is { } found)
                {
                    if (kept.Contains(found.Status))
                    {
                        throw new OrchestrationAlreadyExistsException(
                            $"An instance '{start.New.Id}' exists and has the status {found.Status}."
                        );
                    }
                    session.Forget(found.Key);
                }
                start.Apply(session);
                return start;
            },
            runtime().Add,
            cancellation
        );

    private Task<(long Key, Message Message)> SendAsync(
        string instanceId,
        HistoryEvent fact,
        Predicate<FoundInstance> isAllowed,
        CancellationToken cancellation
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        Runtime engine = runtime();
        return SubmitAsync(
            session => Send(session, engine, instanceId, fact, isAllowed),
            sent => engine.Deliver(sent.Key, sent.Message),
            cancellation
        );
    }

    private Task<T> SubmitAsync<T>(Func<StoreSession, T> apply, Action<T>? committed, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Runtime engine = runtime();
        // Not given up halfway: what was submitted is stored, and a caller should know.
        return new ClientOperation<T>(engine.Idle, apply, committed).SubmitTo(engine.Writer);
    }

    private async Task<OrchestrationMetadata> WaitAsync(
        string instanceId,
        bool getInputsAndOutputs,
        Predicate<StateStatus> isReached,
        CancellationToken cancellation
    )
    {
        while (true)
        {
            Task? change = null;
            // Looked at twice: a change between the first look and the signal would not be told.
            for (int look = 0; look < 2; look++)
            {
                if (runtime().FindLive(instanceId) is not { } live || isReached(live.StoredStatus))
                {
                    OrchestrationMetadata? state = await GetInstanceAsync(
                        instanceId,
                        getInputsAndOutputs,
                        cancellation
                    );
                    if (state is not null && isReached(state.RuntimeStatus))
                    {
                        return state;
                    }
                }
                change ??= runtime().Signals.Next(instanceId);
            }
            await change!.WaitAsync(cancellation);
        }
    }

    private static bool HasEnded(StateStatus status) =>
        status is StateStatus.Completed or StateStatus.Failed or StateStatus.Terminated;

    private Task<(long Key, Message Message)> RaiseAsync(
        Runtime engine,
        Instance live,
        EventRaised fact,
        CancellationToken cancellation
    )
    {
        byte[] stored = StoredJson.Write(fact);
        return SubmitAsync(
            session =>
            {
                var message = new Message(fact, MessageSource.Inbox, engine.NextSeq());
                return session.SendToLive(message.Seq, live.Key, stored)
                    ? (live.Key, Message: message)
                    // It has ended meanwhile, or another of its id has been started.
                    : Send(session, engine, live.Id, fact, found => !found.HasEnded);
            },
            sent => engine.Deliver(sent.Key, sent.Message),
            cancellation
        );
    }

    private static (long Key, Message Message) Send(
        StoreSession session,
        Runtime engine,
        string instanceId,
        HistoryEvent fact,
        Predicate<FoundInstance> isAllowed
    )
    {
        FoundInstance found = session.Find(instanceId) ?? throw Missing(instanceId);
        if (!isAllowed(found))
        {
            throw new RpcException(
                new Status(
                    StatusCode.FailedPrecondition,
                    $"Instance '{instanceId}' is {found.Status}, which does not allow this."
                )
            );
        }
        var message = new Message(fact, MessageSource.Inbox, engine.NextSeq());
        session.InsertInbox(message.Seq, found.Key, fact);
        return (found.Key, message);
    }
}
