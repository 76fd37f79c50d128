using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Portability.Local;

/// <summary>Reads the two files the real host keeps settings in, where they are present.</summary>
internal static class JsonSettings
{
    /// <summary>host.json of the app's folder, flattened under its section.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> HostFile(string folder)
    {
        string path = Path.Combine(folder, "host.json");
        if (!File.Exists(path))
        {
            return [];
        }
        IConfigurationRoot file = Load(path);
        return
        [
            .. file.AsEnumerable()
                .Select(pair => KeyValuePair.Create($"{LocalHostDefaults.HostSection}:{pair.Key}", pair.Value)),
        ];
    }

    /// <summary>
    /// The <c>Values</c> of local.settings.json in the first folder that has one. The real host hands them to the worker
    /// as environment variables, so a double underscore separates sections.
    /// </summary>
    public static IEnumerable<KeyValuePair<string, string?>> LocalSettings(params string[] folders)
    {
        string? path = folders
            .Select(folder => Path.Combine(folder, "local.settings.json"))
            .FirstOrDefault(File.Exists);
        if (path is null)
        {
            return [];
        }
        return
        [
            .. Load(path)
                .GetSection("Values")
                .AsEnumerable(makePathsRelative: true)
                .Where(pair => pair.Value is not null)
                .Select(pair => KeyValuePair.Create(pair.Key.Replace("__", ":", StringComparison.Ordinal), pair.Value)),
        ];
    }

    private static IConfigurationRoot Load(string path)
    {
        try
        {
            return new ConfigurationBuilder().AddJsonFile(path, optional: false, reloadOnChange: false).Build();
        }
        catch (Exception exception) when (exception is InvalidDataException or JsonException)
        {
            throw new HostStartException($"{path} is not JSON: {exception.InnerException?.Message}", exception);
        }
    }
}
