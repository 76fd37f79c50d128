using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Portability.Terminations;

namespace Portability.Messaging;

/// <summary>
/// Ids of messages to sub-processors: HMAC-SHA256 over case, run, round, processor and task, its first 16 bytes in hex. The same
/// for every repeat, and known to nobody who was not sent the message, so that an answer which names it proves that its
/// sender was asked.
/// </summary>
public sealed class MessageIds
{
    private const int IdBytes = 16;

    private readonly IReadOnlyList<byte[]> keys;

    /// <param name="keys">The first makes ids; all are known again, so that a changed key loses no answer on its way.</param>
    public MessageIds(params IReadOnlyList<byte[]> keys)
    {
        ArgumentOutOfRangeException.ThrowIfZero(keys.Count);
        this.keys = keys;
    }

    public string Of(string caseId, ProcessorErasure processor, ProcessorTask task) =>
        Make(keys[0], caseId, processor, task);

    /// <summary>Whether a message with this id was, or will be, sent to that processor for that task.</summary>
    public bool IsOf(string? id, string caseId, ProcessorErasure processor, ProcessorTask task)
    {
        byte[] given = Encoding.UTF8.GetBytes(id ?? "");
        var known = false;
        foreach (byte[] key in keys)
        {
            // The comparison takes the same time wherever the first difference is.
            known |= CryptographicOperations.FixedTimeEquals(
                given,
                Encoding.ASCII.GetBytes(Make(key, caseId, processor, task))
            );
        }
        return known;
    }

    private static string Make(byte[] key, string caseId, ProcessorErasure processor, ProcessorTask task)
    {
        string named = string.Create(
            CultureInfo.InvariantCulture,
            $"{caseId}\n{processor.Run}\n{processor.Round}\n{task}\n{processor.Name}"
        );
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(named)).AsSpan(0, IdBytes));
    }
}
