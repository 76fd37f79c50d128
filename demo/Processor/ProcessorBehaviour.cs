namespace Portability.Demo;

/// <summary>How a sample sub-processor takes a command to erase.</summary>
public enum ProcessorBehaviour
{
    /// <summary>Erases, and says so.</summary>
    Honest,

    /// <summary>Says that it erased, and keeps everything.</summary>
    AcknowledgesFalsely,

    /// <summary>Takes every message and never answers.</summary>
    NeverAnswers,
}
