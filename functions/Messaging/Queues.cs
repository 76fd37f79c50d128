using System.Text.RegularExpressions;

namespace Portability.Messaging;

/// <summary>Names of the queues and the topic, the same in every installation: <c>docs/messages.md</c> is their contract.</summary>
public static partial class Queues
{
    /// <summary>The setting with the connection: a connection string, or a section with <c>fullyQualifiedNamespace</c>.</summary>
    public const string Connection = "ServiceBus";

    /// <summary>Topic of integration events.</summary>
    public const string Events = "termination-events";

    /// <summary>Queue on which sub-processors answer.</summary>
    public const string Answers = "processor-answers";

    /// <summary>Queue on which a sub-processor is commanded and asked.</summary>
    /// <exception cref="ArgumentException">The name cannot stand in a queue's name.</exception>
    public static string Of(string processor) =>
        Name().IsMatch(processor)
            ? "processor-" + processor.ToLowerInvariant()
            : throw new ArgumentException(
                $"The sub-processor's name '{processor}' cannot stand in the name of a queue: letters, digits, '.', '-' "
                    + "and '_', at most 100.",
                nameof(processor)
            );

    [GeneratedRegex(
        "^[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Name();
}
