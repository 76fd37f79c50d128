using Portability.DataMap;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>Finds blobs that no dataset and no exclusion of the map covers, level by level and without listing every blob.</summary>
internal sealed class BlobPrefixes(TenantDataMap map)
{
    /// <summary>Sentences naming what is unclassified in a container, at most ten.</summary>
    public async Task<IReadOnlyList<string>> UnclassifiedAsync(IBlobSource source, CancellationToken cancellationToken)
    {
        var templates = map
            .Blobs.Where(blobs => blobs.System == source.System)
            .Select(blobs => blobs.Prefix.Split('/')[..^1])
            .ToList();
        var excluded = map.Excluded.Where(item => item.System == source.System).Select(item => item.Name).ToList();
        var found = new List<string>();
        var open = new Queue<string>([""]);
        while (found.Count < 10 && open.TryDequeue(out var level))
        {
            await foreach (var name in source.ListLevelAsync(level, cancellationToken))
            {
                var segments = name.Split('/');
                var depth = name.EndsWith('/') ? segments.Length - 1 : segments.Length;
                if (excluded.Exists(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
                {
                    continue;
                }
                var fitting = templates.Where(template => Fits(template, segments, depth)).ToList();
                var leadsToExcluded =
                    name.EndsWith('/') && excluded.Exists(prefix => prefix.StartsWith(name, StringComparison.Ordinal));
                if (
                    fitting.Exists(template =>
                        depth >= template.Length && (depth > template.Length || name.EndsWith('/'))
                    )
                )
                {
                    continue;
                }
                if (name.EndsWith('/') && (fitting.Count > 0 || leadsToExcluded))
                {
                    open.Enqueue(name);
                    continue;
                }
                found.Add(
                    $"the blobs '{name}' of system '{source.System}' are not classified: add their prefix to \"datasets\", or to \"excluded\" with a reason"
                );
            }
        }
        return found;
    }

    private static bool Fits(string[] template, string[] segments, int depth)
    {
        for (var i = 0; i < Math.Min(depth, template.Length); i++)
        {
            if (template[i] != "{tenant}" && template[i] != segments[i])
            {
                return false;
            }
        }
        return true;
    }
}
