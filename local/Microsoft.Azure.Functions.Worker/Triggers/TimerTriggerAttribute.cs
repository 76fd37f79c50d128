using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Azure.Functions.Worker.Extensions.Timer.Converters;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Starts a function on a schedule: NCRONTAB with six fields, a TimeSpan, or <c>%Setting%</c> holding either.</summary>
[BindingCapabilities(KnownBindingCapabilities.FunctionLevelRetry)]
[ConverterFallbackBehavior(ConverterFallbackBehavior.Allow)]
[InputConverter(typeof(TimerInfoConverter))]
public sealed class TimerTriggerAttribute : TriggerBindingAttribute
{
    public TimerTriggerAttribute(string schedule)
    {
        Schedule = schedule;
    }

    public string Schedule { get; private set; }

    /// <summary>Whether the last run is stored, so that a restart knows what it missed.</summary>
    public bool UseMonitor { get; set; } = true;

    /// <summary>Whether the function also runs each time the host starts.</summary>
    public bool RunOnStartup { get; set; }
}

/// <summary>What a timer function is told of its schedule.</summary>
public class TimerInfo
{
    public ScheduleStatus? ScheduleStatus { get; set; }

    /// <summary>Whether this run makes up for one that was missed while the host was down.</summary>
    public bool IsPastDue { get; set; }
}

/// <summary>The last and the next occurrence of a schedule, in UTC.</summary>
public class ScheduleStatus
{
    public DateTime Last { get; set; }

    public DateTime Next { get; set; }

    public DateTime LastUpdated { get; set; }
}
