using Azure;
using Microsoft.Extensions.Configuration;
using Portability.DataMap;
using Portability.Erasure;
using Portability.Sources;

namespace Portability.Cli.Maps;

/// <summary>Lays a data map over the live systems and prints what follows.</summary>
internal sealed class MapCheck(Terminal terminal, IConfiguration settings)
{
    private readonly List<DataMapProblem> problems = [];
    private readonly List<string> unread = [];

    public async Task<ExitCode> RunAsync(
        FileInfo file,
        string? tenant,
        bool offline,
        CancellationToken cancellationToken
    )
    {
        if (!file.Exists)
        {
            throw new NotDoneException($"{file.FullName}: there is no such file.");
        }
        if (Load(file.FullName) is not { } map)
        {
            return Report(file.Name);
        }
        var systems = new MappedSystems(map, settings);
        systems = tenant is null ? systems : systems.For(tenant);
        var page = new PlanPage(terminal);
        page.Header(map);
        if (!offline)
        {
            foreach (var system in map.Systems)
            {
                await CheckAsync(systems, system, tenant, page, cancellationToken);
            }
        }
        page.Footer(map);
        return Report(file.Name);
    }

    private TenantDataMap? Load(string path)
    {
        try
        {
            return TenantDataMap.Load(path);
        }
        catch (DataMapException wrong)
        {
            problems.AddRange(wrong.Problems);
            return null;
        }
    }

    private async Task CheckAsync(
        MappedSystems systems,
        MappedSystem system,
        string? tenant,
        PlanPage page,
        CancellationToken cancellationToken
    )
    {
        try
        {
            switch (system)
            {
                case SqlSystem { Tenant: TenantScope.Whole } when tenant is null:
                    unread.Add(
                        $"System '{system.Name}': each customer has a database of its own. Name a customer with --tenant ID."
                    );
                    break;
                case SqlSystem sql:
                    var plan = await systems.PlanAsync(sql.Name, cancellationToken);
                    var counts = tenant is null
                        ? null
                        : await TenantCounts.OfTablesAsync(systems, plan, tenant, cancellationToken);
                    page.Plan(plan, counts);
                    if (tenant is not null)
                    {
                        problems.AddRange(
                            await new TenantFindings(systems, plan).OfAsync(tenant, counts!, cancellationToken)
                        );
                    }
                    break;
                case BlobSystem blobs:
                    var unclassified = await new BlobPrefixes(systems.Map).UnclassifiedAsync(
                        systems.Blobs(blobs.Name),
                        cancellationToken
                    );
                    problems.AddRange(
                        unclassified.Select(found => new DataMapProblem(
                            blobs.Place,
                            blobs.Name,
                            found,
                            "Say of these blobs what they are."
                        ))
                    );
                    page.Container(
                        systems.Map,
                        blobs,
                        tenant is null
                            ? null
                            : await TenantCounts.OfBlobsAsync(systems, blobs, tenant, cancellationToken)
                    );
                    break;
                case ProcessorSystem processor:
                    page.Processor(processor);
                    break;
            }
        }
        catch (DataMapException unfit)
        {
            problems.AddRange(unfit.Problems);
        }
        catch (SourceUnfitException unfit)
        {
            problems.Add(new(system.Place, system.Name, unfit.Message, unfit.Mend));
        }
        catch (Exception silent)
            when (silent
                    is SourceUnreachableException
                        or RequestFailedException
                        or AggregateException
                        or System.Data.Common.DbException
            )
        {
            var reason =
                silent is SourceUnreachableException
                    ? silent.Message
                    : $"System '{system.Name}' cannot be reached: {silent.Message}";
            unread.Add(
                $"{reason}. Name its connection with --connection NAME=VALUE or --settings FILE, or check the file alone with --offline."
            );
        }
    }

    private ExitCode Report(string file)
    {
        foreach (var problem in problems)
        {
            terminal.Complain(problem.ToString());
        }
        foreach (var reason in unread)
        {
            terminal.Complain(reason);
        }
        var verdict =
            problems.Count > 0 ? $"{file}: {problems.Count} finding(s)."
            : unread.Count > 0 ? $"{file}: not checked whole."
            : $"{file}: fits.";
        if (problems.Count + unread.Count == 0)
        {
            terminal.Say(verdict);
        }
        else
        {
            terminal.Complain(verdict);
        }
        return problems.Count > 0 ? ExitCode.Found
            : unread.Count > 0 ? ExitCode.NotDone
            : ExitCode.Fine;
    }
}
