namespace Microsoft.DurableTask.Abstractions;

/// <summary>The order of orchestration versions.</summary>
public static class TaskOrchestrationVersioningUtils
{
    /// <summary>Blank comes first; versions of numbers compare by number, all others as text without case.</summary>
    public static int CompareVersions(string sourceVersion, string otherVersion)
    {
        bool sourceBlank = string.IsNullOrWhiteSpace(sourceVersion);
        bool otherBlank = string.IsNullOrWhiteSpace(otherVersion);
        if (sourceBlank || otherBlank)
        {
            return otherBlank.CompareTo(sourceBlank);
        }
        return
            System.Version.TryParse(sourceVersion, out Version? source)
            && System.Version.TryParse(otherVersion, out Version? other)
            ? source.CompareTo(other)
            : string.Compare(sourceVersion, otherVersion, StringComparison.OrdinalIgnoreCase);
    }
}
