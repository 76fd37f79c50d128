using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Portability.DataMap;

/// <summary>
/// A data map as one tree, whether it is written in one file or split over several by <c>"include": ["people.json", …]</c>. Lists are
/// joined in the order of the files, and every node remembers the file it stands in.
/// </summary>
internal sealed class MapFiles
{
    private readonly List<(string Name, byte[] Content)> files = [];
    private readonly Dictionary<string, List<MapNode>> parts = new(StringComparer.Ordinal);
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly List<DataMapProblem> problems = [];

    private MapFiles() { }

    /// <summary>
    /// Reads a map and all that it includes. The hash is the SHA-256 of the file as it was read; of several files, that of the lines
    /// <c>hash  name</c> which <c>sha256sum</c> prints for them, in their order. Throws <see cref="DataMapException"/>.
    /// </summary>
    public static (MapNode Root, string Sha256) Read(string path)
    {
        var map = new MapFiles();
        var full = Path.GetFullPath(path);
        var place = new MapPlace(path, 0, "$");
        map.Add(full, Path.GetFileName(path), place, "Set Portability__DataMap to the path of the data map.");
        return map.problems.Count == 0 ? (map.Join(), map.Hash()) : throw new DataMapException(map.problems);
    }

    private void Add(string path, string name, MapPlace place, string mend)
    {
        if (!seen.Add(path))
        {
            problems.Add(new(place, name, "the file is included twice", "Keep one of them."));
            return;
        }
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            problems.Add(new(place, "file", $"cannot be read: {unreadable.Message}", mend));
            return;
        }
        files.Add((name, content));
        var root = MapNode.Parse(name, content);
        if (root.Kind != JsonValueKind.Object)
        {
            problems.Add(
                new(root.Place, "data map", "must be an object", "Write it as { … }; the schema shows its properties.")
            );
            return;
        }
        foreach (var (property, value) in root.Properties.Where(entry => entry.Name is not ("include" or "$schema")))
        {
            Keep(property, value, root);
        }
        foreach (var (_, value) in root.Properties.Where(entry => entry.Name == "include"))
        {
            Include(path, name, value);
        }
    }

    /// <summary>Of the first file everything is kept, also what is wrong; of others what may be joined.</summary>
    private void Keep(string property, MapNode value, MapNode root)
    {
        if (!parts.TryGetValue(property, out var kept))
        {
            parts[property] = [value];
            return;
        }
        if (root.Properties.Count(other => other.Name == property) > 1)
        {
            problems.Add(new(value.Place, property, $"'{property}' is given twice", "Keep one of them."));
            return;
        }
        if (value.Kind != kept[0].Kind || value.Kind is not (JsonValueKind.Array or JsonValueKind.Object))
        {
            problems.Add(
                new(
                    value.Place,
                    property,
                    $"'{property}' is of another kind than in {kept[0].Place.File}",
                    "Write both alike."
                )
            );
            return;
        }
        kept.Add(value);
    }

    private void Include(string path, string name, MapNode list)
    {
        var names = list.Kind == JsonValueKind.String ? [list] : list.Items;
        if (
            list.Kind is not (JsonValueKind.Array or JsonValueKind.String)
            || names.Any(item => item is not { Kind: JsonValueKind.String, Text.Length: > 0 })
        )
        {
            problems.Add(
                new(list.Place, "include", "'include' must be a list of files", "Write \"include\": [\"people.json\"].")
            );
            return;
        }
        foreach (var item in names)
        {
            var folder = Path.GetDirectoryName(path)!;
            var written = Path.GetDirectoryName(name) is { Length: > 0 } above ? $"{above}/{item.Text}" : item.Text;
            Add(
                Path.GetFullPath(Path.Combine(folder, item.Text)),
                written.Replace('\\', '/'),
                item.Place,
                "Correct the path: it is read from the folder of the file that includes it."
            );
        }
    }

    private MapNode Join()
    {
        var place = new MapPlace(files[0].Name, 1, "$");
        return MapNode.Object(
            place,
            parts
                .Select(part =>
                    (
                        part.Key,
                        part.Value is [var only] ? only
                        : part.Value[0].Kind == JsonValueKind.Array
                            ? MapNode.Array(part.Value[0].Place, part.Value.SelectMany(value => value.Items))
                        : MapNode.Object(part.Value[0].Place, part.Value.SelectMany(value => value.Properties))
                    )
                )
                .ToList()
        );
    }

    private string Hash()
    {
        var hashes = files.ConvertAll(file => Convert.ToHexStringLower(SHA256.HashData(file.Content)));
        if (hashes is [var only])
        {
            return only;
        }
        var lines = string.Concat(files.Zip(hashes, (file, hash) => $"{hash}  {file.Name}\n"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines)));
    }
}
