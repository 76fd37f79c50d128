using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace Portability.Local.Engine;

/// <summary>What stays the same for a whole generation.</summary>
internal sealed record ExecutionFacts(
    TaskName Name,
    string InstanceId,
    string Version,
    ParentOrchestrationInstance? Parent,
    string? Input
);

/// <summary>What all executions of an engine share.</summary>
internal sealed record ExecutionServices(
    DataConverter Converter,
    ILoggerFactory Loggers,
    TimeSpan MaximumTimerInterval,
    string DefaultVersion
);
