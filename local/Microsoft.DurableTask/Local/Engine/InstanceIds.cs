namespace Portability.Local.Engine;

/// <summary>The official rules of instance ids.</summary>
internal static class InstanceIds
{
    private const int MaxLength = 256;

    public static void ThrowIfInvalid(string id, string parameter)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id, parameter);
        if (id.Length > MaxLength)
        {
            throw new ArgumentException(
                $"The instance id has {id.Length} characters; {MaxLength} is the limit.",
                parameter
            );
        }
        if (id[0] == '@')
        {
            throw new ArgumentException($"The instance id '{id}' begins with '@', which marks entities.", parameter);
        }
        if (id.Any(c => c is '/' or '\\' or '#' or '?' || char.IsControl(c)))
        {
            throw new ArgumentException(
                $"The instance id '{id}' has one of / \\ # ? or a control character.",
                parameter
            );
        }
    }
}
