using System.Data.Common;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>Looks that only report, at one system after the other.</summary>
internal static class SystemLook
{
    /// <summary>A fault of one system is an answer about that system: the others are looked at all the same.</summary>
    public static async Task TryAsync(string system, List<string> blockers, Func<Task> look)
    {
        try
        {
            await look();
        }
        catch (ErasureRefusedException refused)
        {
            blockers.AddRange(refused.Blockers);
        }
        catch (Exception fault)
            when (fault
                    is DbException
                        or SourceUnreachableException
                        or Azure.RequestFailedException
                        or AggregateException
                        or ArgumentException
            )
        {
            blockers.Add($"{system}: {fault.Message}");
        }
    }
}
