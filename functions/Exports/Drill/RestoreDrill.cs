using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json;
using Portability.DataMap;
using Portability.Exports.Formats;
using Portability.Sources;
using Portability.Storage;

namespace Portability.Exports.Drill;

/// <summary>
/// Loads every SQL dump of an export into an empty database, checks its references, and counts what came in against what was written.
/// An export whose dump fails is not complete. The outcome is stored once; a dump too large for one call is gone on with in the next,
/// or from its beginning if that comes to another process.
/// </summary>
internal sealed class RestoreDrill(
    ExportSources sources,
    ExportStore store,
    ExportProgress progress,
    ExportLimits limits,
    TimeProvider clock
) : IAsyncDisposable
{
    private const string Outcome = "drill.json";
    private const int MostDifferences = 5;

    private readonly ConcurrentDictionary<ExportRef, Session> _halfLoaded = new();

    /// <summary>The stored outcome, or null when the drill has not ended.</summary>
    public async Task<IReadOnlyList<RestoreDrillResult>?> FindAsync(
        ExportRef export,
        CancellationToken cancellationToken
    ) =>
        await store.ReadAsync(ExportPaths.Folder(export) + Outcome, cancellationToken) is { } bytes
            ? JsonSerializer.Deserialize<List<RestoreDrillResult>>(bytes, ExportPaths.PlanOptions)
            : null;

    /// <summary>Works until all dumps are loaded (true) or the call's time is over (false).</summary>
    /// <exception cref="RestoreDrillException">A dump does not load as it should.</exception>
    public async Task<bool> RunAsync(ExportPlan plan, TimeSpan budget, CancellationToken cancellationToken)
    {
        var export = plan.Order.Reference;
        if (await FindAsync(export, cancellationToken) is not null)
        {
            return true;
        }

        var deadline = clock.GetTimestamp() + (long)(budget.TotalSeconds * clock.TimestampFrequency);
        await DropForgottenAsync();
        var session = _halfLoaded.TryRemove(export, out var found) ? found : new Session();
        var keep = false;
        try
        {
            var dumps = plan.Files.Where(file => file.Format == ExportFormats.Sql).ToList();
            for (; session.Results.Count < dumps.Count; )
            {
                var dump = dumps[session.Results.Count];
                if (!await LoadAsync(plan, dump, session, deadline, cancellationToken))
                {
                    session.LastUsed = clock.GetTimestamp();
                    keep = _halfLoaded.TryAdd(export, session);
                    return false;
                }
            }

            await store.StoreOnceAsync(
                ExportPaths.Folder(export) + Outcome,
                ExportPaths.ContentType(ExportFormats.Json),
                JsonSerializer.SerializeToUtf8Bytes(session.Results, ExportPaths.PlanOptions),
                clock.GetUtcNow(),
                cancellationToken
            );
            return true;
        }
        finally
        {
            if (!keep)
            {
                await session.CloseAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var export in _halfLoaded.Keys)
        {
            if (_halfLoaded.TryRemove(export, out var session))
            {
                await session.CloseAsync();
            }
        }
    }

    private async Task<bool> LoadAsync(
        ExportPlan plan,
        PlannedFile dump,
        Session session,
        long deadline,
        CancellationToken cancellationToken
    )
    {
        var export = plan.Order.Reference;
        var blob = ExportPaths.Blob(export, dump.Path);
        var facts =
            await store.FindAsync(blob, cancellationToken)
            ?? throw new ExportFileMissingException(export, dump.Path, "it was never finished");
        try
        {
            if (session.Database is null)
            {
                session.Database = await OpenAsync(plan, dump, cancellationToken);
                session.Statements = new DumpStatements(
                    await store.Blob(blob).OpenReadAsync(cancellationToken: cancellationToken)
                );
            }

            while (await session.Statements!.NextAsync(cancellationToken) is { } statement)
            {
                await session.Database.RunAsync(statement, cancellationToken);
                if (clock.GetTimestamp() > deadline)
                {
                    return false;
                }
            }

            var counts = await session.Database.CountAsync(cancellationToken);
            var rows = counts.Rows.Values.Sum();
            if (counts.Orphans > 0)
            {
                throw new InvalidDataException($"{counts.Orphans} rows refer to rows that it does not hold");
            }

            if (Differences(counts.Rows, session.Statements.Trailer) is { Count: > 0 } differences)
            {
                throw new InvalidDataException(string.Join("; ", differences));
            }

            if (rows != facts.Rows)
            {
                throw new InvalidDataException($"{rows} rows came in of {facts.Rows} that were written");
            }
            session.Results.Add(new(dump.Path, session.Database.Engine, counts.Rows.Count, rows, clock.GetUtcNow()));
            await session.CloseAsync();
            return true;
        }
        catch (Exception fault)
            when (fault is InvalidDataException || (session.Database is not null && IsOfTheDump(fault)))
        {
            // Values stand in a database's own words; the customer reads these.
            var reason = fault is InvalidDataException ? fault.Message : "a statement of it does not run";
            await store.DeleteAsync(blob, cancellationToken);
            await progress.WriteAsync(
                export,
                dump,
                FileState.Failed,
                0,
                0,
                $"Restore drill: {reason}.",
                cancellationToken
            );
            throw new RestoreDrillException(export, dump.Path, reason, fault);
        }
    }

    /// <summary>The tables whose rows are not as many as the dump says at its end, in words; the first few of them.</summary>
    private static List<string> Differences(IReadOnlyDictionary<string, long> loaded, string trailer)
    {
        if (DumpTrailer.Read(trailer) is not { } written)
        {
            return ["its end is missing, which says how many rows each table has"];
        }

        return
        [
            .. written
                .Keys.Union(loaded.Keys, StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
                .Select(table => (table, In: loaded.GetValueOrDefault(table), Out: written.GetValueOrDefault(table)))
                .Where(count => count.In != count.Out)
                .Take(MostDifferences)
                .Select(count => $"{count.table}: {count.In} rows came in of {count.Out} that were written"),
        ];
    }

    /// <summary>A lost connection or a full disk says nothing about the dump: then the drill is repeated.</summary>
    private static bool IsOfTheDump(Exception fault) =>
        fault switch
        {
            Microsoft.Data.Sqlite.SqliteException sqlite => sqlite.SqliteErrorCode is not (10 or 13 or 14),
            DbException database => !database.IsTransient,
            _ => false,
        };

    private async Task<IDrillDatabase> OpenAsync(ExportPlan plan, PlannedFile dump, CancellationToken cancellationToken)
    {
        if (sources.Map.System(dump.System) is SqlSystem { Provider: "sqlite" })
        {
            return new SqliteDrill(limits.ScratchFolder);
        }

        var own = sources.For(plan.Order.CustomerId);
        if (sources.DrillServer(dump.System) is { } server)
        {
            var subject = $"{plan.Order.CaseId}/{plan.Order.Number}/{dump.Path}";
            var home = ((PostgresDialect)own.Database(dump.System).Dialect).Home;
            return await PostgresDrill.CreateAsync(server, subject, home, cancellationToken);
        }

        var scope = await own.ScopeAsync(dump.System, cancellationToken);
        return new TranslatedDrill(scope, own.Database(dump.System).Dialect, limits.ScratchFolder);
    }

    private async Task DropForgottenAsync()
    {
        foreach (var (export, session) in _halfLoaded)
        {
            if (clock.GetElapsedTime(session.LastUsed) > limits.SessionIdle && _halfLoaded.TryRemove(export, out _))
            {
                await session.CloseAsync();
            }
        }
    }

    /// <summary>Dumps loaded so far, and the one being loaded.</summary>
    private sealed class Session
    {
        public List<RestoreDrillResult> Results { get; } = [];

        public IDrillDatabase? Database { get; set; }

        public DumpStatements? Statements { get; set; }

        public long LastUsed { get; set; }

        public async Task CloseAsync()
        {
            Statements?.Dispose();
            Statements = null;
            if (Database is { } database)
            {
                Database = null;
                await database.DisposeAsync();
            }
        }
    }
}
