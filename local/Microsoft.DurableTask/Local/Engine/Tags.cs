using System.Text.Json;

namespace Portability.Local.Engine;

/// <summary>Tags as they are stored.</summary>
internal static class Tags
{
    public static string? Write(IReadOnlyDictionary<string, string>? tags) =>
        tags is null or { Count: 0 }
            ? null
            : JsonSerializer.Serialize(new Dictionary<string, string>(tags), StoredJson.Default.DictionaryStringString);

    public static IReadOnlyDictionary<string, string> Read(string? tags) =>
        tags is null ? new() : JsonSerializer.Deserialize(tags, StoredJson.Default.DictionaryStringString)!;
}
