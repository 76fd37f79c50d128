using System.Globalization;

namespace Portability.Terminations;

/// <summary>
/// Names of the steps that may fail and then need attention. They are stored in events, so they never change.
/// </summary>
public static class Steps
{
    public const string FreezeAccess = "freeze-access";
    public const string RestoreAccess = "restore-access";
    public const string StartErasure = "start-erasure";
    public const string CloseAccount = "close-account";
    public const string Redact = "redact-personal-data";
    public const string RemoveCase = "remove-case";

    /// <summary>Why <see cref="StartErasure"/> waits: another contract of the customer lives, or one of its cases is held.</summary>
    public const string OtherContractLives = "other-contract-lives";

    private const string ProcessorAnswerPrefix = "processor-answer:";
    private const string MessagePrefix = "message:";
    private const string DeliveryPrefix = "delivery:";
    private const string ExportPrefix = "export:";

    public static string Message(string messageId) => MessagePrefix + messageId;

    /// <summary>The customer could not be reached by mail; another delivery must be recorded.</summary>
    public static string Delivery(string messageId) => DeliveryPrefix + messageId;

    public static string Export(int export) => Number(ExportPrefix, export);

    public static string EraseExport(int export) => Number("erase-export:", export);

    public static string Erasure(int run) => Number("erasure:", run);

    /// <summary>A dataset of this run is not proven empty.</summary>
    public static string Residue(int run) => Number("residue:", run);

    /// <summary>Writing to a sub-processor.</summary>
    public static string Processor(string name) => "processor:" + name;

    /// <summary>A sub-processor is silent, or still holds something.</summary>
    public static string ProcessorAnswer(string name) => ProcessorAnswerPrefix + name;

    public static bool IsProcessorAnswer(string step) =>
        step.StartsWith(ProcessorAnswerPrefix, StringComparison.Ordinal);

    public static string ProcessorOf(string step) => step[(step.IndexOf(':', StringComparison.Ordinal) + 1)..];

    public static bool IsDelivery(string step) => step.StartsWith(DeliveryPrefix, StringComparison.Ordinal);

    public static bool IsMessage(string step) => step.StartsWith(MessagePrefix, StringComparison.Ordinal);

    public static bool IsExport(string step) => step.StartsWith(ExportPrefix, StringComparison.Ordinal);

    /// <summary>Steps that nobody takes any more once the case has ended.</summary>
    public static bool EndsWithCase(string step) =>
        step is FreezeAccess or RestoreAccess or CloseAccount || IsExport(step);

    public static string MessageIdOf(string step) => step[(step.IndexOf(':', StringComparison.Ordinal) + 1)..];

    private static string Number(string prefix, int n) => prefix + n.ToString(CultureInfo.InvariantCulture);
}
