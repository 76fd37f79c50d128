using System.Globalization;
using Portability.DataMap;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// What a run does, apart from how much of it there is: which tables, prefixes and processors there are, and what becomes of
/// each. Two plans are of one kind when these are the same, however many rows come or go in between. Holds are no part of it, and
/// neither is what the map says of exports.
/// </summary>
/// <param name="Parts">What is decided of each thing, by the thing: both in words that a person reads.</param>
public sealed record PlanKind(IReadOnlyDictionary<string, string> Parts)
{
    /// <summary>The kind of the plan that a map means for databases as they are now.</summary>
    public static PlanKind Of(TenantDataMap map, IEnumerable<ScopePlan> plans)
    {
        var parts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var plan in plans)
        {
            foreach (var dataset in plan.Datasets)
            {
                parts[$"table {plan.System.Name}.{dataset.Table.Name}"] = $"{Rule(map, dataset)}{Scope(dataset)}";
            }
        }
        foreach (var blobs in map.Blobs)
        {
            parts[$"blobs {blobs.System}/{blobs.Prefix}"] = Rule(map, blobs.Erase);
        }
        foreach (var excluded in map.Excluded)
        {
            parts[$"excluded {excluded.System}.{excluded.Name}"] = "left alone";
        }
        foreach (var processor in map.Systems.OfType<ProcessorSystem>())
        {
            parts[$"processor {processor.Name}"] = "erases on command";
        }
        foreach (var access in map.Access)
        {
            parts[$"access of {access.System}"] = $"closed by {string.Join("; ", access.Close)}";
        }
        return new(parts);
    }

    /// <summary>Each difference as a sentence's part; empty when the two are of one kind.</summary>
    public IReadOnlyList<string> DifferencesFrom(PlanKind earlier)
    {
        var differences = new List<string>();
        foreach (var (thing, now) in Parts.OrderBy(part => part.Key, StringComparer.Ordinal))
        {
            if (!earlier.Parts.TryGetValue(thing, out var was))
            {
                differences.Add($"{thing} is new ({now})");
            }
            else if (was != now)
            {
                differences.Add($"{thing} was '{was}' and is '{now}'");
            }
        }
        differences.AddRange(
            earlier
                .Parts.Keys.Where(thing => !Parts.ContainsKey(thing))
                .Order(StringComparer.Ordinal)
                .Select(thing => $"{thing} is no longer there")
        );
        return differences;
    }

    private static string Rule(TenantDataMap map, ScopedDataset dataset)
    {
        var rule = Rule(map, dataset.Map.Erase);
        if (dataset.Map.WhenKept.Count > 0)
        {
            rule += $", when kept {Masks(dataset.Map.WhenKept)}";
        }
        // Where the row stays, a column that nobody has thought of stays with it.
        return dataset.Map.Erase is EraseRule.Anonymise or EraseRule.Unlink or EraseRule.UnlinkThrough
            ? $"{rule}, columns {string.Join(", ", dataset.Table.Columns.Select(column => column.Name))}"
            : rule;
    }

    private static string Rule(TenantDataMap map, EraseRule rule) =>
        rule switch
        {
            EraseRule.Delete => "delete",
            EraseRule.Retain retain => Retention(map.Retention[retain.Class], retain.Anchor),
            EraseRule.Anonymise anonymise => $"anonymise {Masks(anonymise.Columns)}",
            EraseRule.Unlink unlink => $"unlink {string.Join(", ", unlink.Columns)}",
            EraseRule.UnlinkThrough unlink => $"unlink through {unlink.LinkTable}",
            EraseRule.Tombstone tombstone => $"tombstone of {string.Join(", ", tombstone.Keep)}",
            EraseRule.None => "never touched",
            _ => throw new InvalidOperationException($"No words for {rule.GetType().Name}."),
        };

    private static string Retention(RetentionClass kept, string? anchor)
    {
        var from = kept.From switch
        {
            RetentionStart.RowDate => $"from {anchor}",
            RetentionStart.FiscalYearEnd => string.Create(
                CultureInfo.InvariantCulture,
                $"from the end ({kept.FiscalYearEnd.Month:D2}-{kept.FiscalYearEnd.Day:D2}) of the fiscal year of {anchor}"
            ),
            _ => "from the end of service",
        };
        return $"retain as {kept.Name} {kept.Period} {from}, {kept.LegalBasis}";
    }

    private static string Masks(IReadOnlyDictionary<string, Mask> masks) =>
        string.Join(
            ", ",
            masks
                .OrderBy(mask => mask.Key, StringComparer.Ordinal)
                .Select(mask =>
                    mask.Value switch
                    {
                        Mask.Null => $"{mask.Key} to null",
                        Mask.Hash => $"{mask.Key} to a hash",
                        Mask.Fixed text => $"{mask.Key} to '{text.Value}'",
                        _ => throw new InvalidOperationException($"No words for {mask.Value.GetType().Name}."),
                    }
                )
        );

    private static string Scope(ScopedDataset dataset) =>
        dataset.Path.Count == 0 ? "" : $", the customer's by {string.Join(", ", dataset.Path)}";
}

/// <summary>What somebody was last shown of a case's erasure.</summary>
/// <param name="At">When.</param>
/// <param name="By">To whom, as the audit stream names people.</param>
/// <param name="Kind">What.</param>
public sealed record PreviewedKind(DateTimeOffset At, string By, PlanKind Kind);
