using System.Text.Json;
using System.Text.RegularExpressions;
using Portability.Storage;
using Portability.Terminations;

namespace Portability.Messaging;

/// <summary>
/// What a sub-processor answers. It comes from outside, so every member is checked before anything is recorded.
/// </summary>
/// <param name="InReplyTo">The id of the message it answers.</param>
/// <param name="Task">The task of that message.</param>
/// <param name="Erased">How many records were erased; with an acknowledgement.</param>
/// <param name="Held">How many are still held; with a report.</param>
/// <param name="Reference">The processor's own reference: up to 64 letters, digits, <c>.</c>, <c>_</c>, <c>:</c> and <c>-</c>.</param>
public sealed partial record ProcessorAnswer(
    string InReplyTo,
    ProcessorTask Task,
    string CaseId,
    int Run,
    int Round,
    string Processor,
    long? Erased = null,
    long? Held = null,
    string? Reference = null
)
{
    private static readonly JsonSerializerOptions Json = new(EventCodec.Json)
    {
        // A later version of a processor may say more than this one reads.
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Skip,
    };

    /// <summary>Reads an answer; <paramref name="fault"/> says what is wrong with it where there is none.</summary>
    public static ProcessorAnswer? Read(BinaryData body, out string fault)
    {
        try
        {
            ProcessorAnswer? answer = body.ToObjectFromJson<ProcessorAnswer>(Json);
            fault = answer is null ? "The body is null." : answer.Fault() ?? "";
            return fault.Length == 0 ? answer : null;
        }
        catch (JsonException malformed)
        {
            fault = $"Not the JSON of an answer, at {malformed.Path ?? "its beginning"}.";
            return null;
        }
    }

    private string? Fault() =>
        Task switch
        {
            _ when !CaseKey.IsValid(CaseId) => "caseId is no id of a case.",
            ProcessorTask.Erase when Erased is not >= 0 =>
                "An acknowledgement says how much was erased: erased, 0 or more.",
            ProcessorTask.Erase when Reference is null || !ReferenceForm().IsMatch(Reference) =>
                "An acknowledgement has a reference of up to 64 letters, digits, '.', '_', ':' and '-'.",
            ProcessorTask.Report when Held is not >= 0 => "A report says how much is still held: held, 0 or more.",
            _ => null,
        };

    [GeneratedRegex("^[A-Za-z0-9._:-]{1,64}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ReferenceForm();
}
