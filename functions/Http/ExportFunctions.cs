using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Portability.DataMap;
using Portability.Exports;
using Portability.Http.Calls;
using Portability.Http.Parsing;
using Portability.Http.Problems;
using Portability.Http.Views;
using Portability.Storage;
using Portability.Terminations;
using Portability.Workflow;

namespace Portability.Http;

/// <summary>Exports: asking for one, following it, cancelling it, and links to its files.</summary>
public sealed class ExportFunctions(
    Access access,
    TerminationCases cases,
    CaseCalls calls,
    MappedSystems systems,
    Exporter exporter,
    ExportLinks links
)
{
    private const string Route = "api/v1/terminations/{id}/exports";

    [Function(nameof(RequestExport))]
    public async Task<IResult> RequestExport(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route)] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient durable
    )
    {
        Identity who = await access.RequireAsync(request, Roles.Agent | Roles.Customer, id);
        var (call, read) = await CaseCalls.ReadAsync(
            request,
            who,
            id,
            durable,
            f =>
                (
                    At: ReceivedAt(f, who),
                    Categories: DecisionFunctions.Names(f, "categories"),
                    Formats: DecisionFunctions.Names(f, "formats")
                )
        );
        RequireKnown("categories", read.Categories, systems.Map.Categories.Keys);
        RequireKnown("formats", read.Formats, ExportFormats.All);
        IdempotentAnswer answer = await calls.RunAsync(
            call,
            async cause =>
            {
                var command = new RequestExport(read.At, read.Categories, read.Formats);
                CommandOutcome.Accepted done = await calls.ApplyAsync(call, command, cause);
                int number = CaseCalls.CausedBy<ExportRequested>(done, cause).Export;
                return CaseCalls.Remember(202, ("export", number.ToString(CultureInfo.InvariantCulture)));
            }
        );
        CaseSnapshot found = await cases.LoadAsync(id, call.Cancellation);
        ExportRun export = Find(found, answer.Ids["export"]);
        return new ApiAnswer(answer.Status, CaseViews.Show(export))
        {
            Location = $"{CaseCalls.Root}/{id}/exports/{answer.Ids["export"]}",
            Version = found.State.Version,
        };
    }

    [Function(nameof(GetExport))]
    public async Task<IResult> GetExport(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Route + "/{n}")] HttpRequest request,
        string id,
        string n
    )
    {
        await access.RequireAsync(request, Roles.Agent | Roles.Officer | Roles.Customer, id);
        CancellationToken cancellation = request.HttpContext.RequestAborted;
        CaseSnapshot found = await cases.LoadAsync(id, cancellation);
        ExportRun export = Find(found, n);
        return new ApiAnswer(200, ExportProgressView.Show(export, await FilesAsync(id, export, cancellation)))
        {
            Version = found.State.Version,
        };
    }

    [Function(nameof(CancelExport))]
    public async Task<IResult> CancelExport(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "/{n}/cancel")] HttpRequest request,
        string id,
        string n,
        [DurableClient] DurableTaskClient durable
    )
    {
        Identity who = await access.RequireAsync(request, Roles.Agent | Roles.Customer, id);
        var (call, _) = await CaseCalls.ReadAsync(request, who, id, durable, _ => true);
        return await calls.ExecuteAsync(call, new CancelExport(NumberOf(n)));
    }

    [Function(nameof(MintLinks))]
    public async Task<IResult> MintLinks(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "/{n}/links")] HttpRequest request,
        string id,
        string n,
        [DurableClient] DurableTaskClient durable
    )
    {
        Identity who = await access.RequireAsync(request, Roles.Agent | Roles.Customer, id);
        var (call, files) = await CaseCalls.ReadAsync(
            request,
            who,
            id,
            durable,
            f => DecisionFunctions.Names(f, "files")
        );
        CaseSnapshot found = await cases.LoadAsync(id, call.Cancellation);
        ExportRun export = Find(found, n);
        IReadOnlyList<ExportLink> minted = await MintAsync(found.State, export, files, call.Cancellation);
        if (minted.Count > 0)
        {
            // Links are short-lived and not remembered, so a repeat under the same key mints and records anew.
            await calls.ApplyAsync(
                call,
                new RecordLinksIssued(export.Number, minted.Count, minted.Max(link => link.ExpiresAt)),
                $"links:{Guid.NewGuid():N}"
            );
        }
        return new ApiAnswer(200, minted);
    }

    private async Task<IReadOnlyList<ExportLink>> MintAsync(
        Termination state,
        ExportRun export,
        IReadOnlyList<string> files,
        CancellationToken cancellation
    )
    {
        if (export.FilesErased || export.Status == ExportStatus.Cancelled || state.ErasureHasStarted)
        {
            throw Gone();
        }
        if (export.Status != ExportStatus.Ready)
        {
            throw NotReady();
        }
        try
        {
            return await links.MintAsync(
                new ExportRef(state.CaseId, export.Number),
                files.Count == 0 ? null : files,
                state.ErasureDue,
                cancellation
            );
        }
        catch (ExportNotReadyException)
        {
            throw NotReady();
        }
        catch (ExportGoneException)
        {
            throw Gone();
        }
        catch (ExportFileUnknownException unknown)
        {
            throw Unknown("files", unknown.File, "Take the paths from the export's manifest or progress.");
        }
    }

    private async Task<IReadOnlyList<FileProgress>> FilesAsync(
        string id,
        ExportRun export,
        CancellationToken cancellation
    )
    {
        try
        {
            return export.FilesErased
                ? []
                : await exporter.ProgressAsync(new ExportRef(id, export.Number), cancellation);
        }
        catch (ExportGoneException)
        {
            // Asked for but not planned yet, or erased this moment.
            return [];
        }
    }

    // A customer asks now; that an earlier letter counts is for support to register.
    private static DateTimeOffset? ReceivedAt(JsonFields fields, Identity who)
    {
        DateTimeOffset? receivedAt = fields.OptionalInstant("receivedAt");
        if (receivedAt is not null && who.IsCustomer)
        {
            fields.Refuse("receivedAt", "is stated by support only");
        }
        return receivedAt;
    }

    internal static void RequireKnown(string field, IEnumerable<string> names, IEnumerable<string> known)
    {
        string[] all = [.. known.Order(StringComparer.Ordinal)];
        if (names.FirstOrDefault(name => !all.Contains(name, StringComparer.Ordinal)) is { } wrong)
        {
            throw Unknown(field, wrong, $"Choose from: {string.Join(", ", all)}.");
        }
    }

    private static ExportRun Find(CaseSnapshot found, string number) =>
        found.State.Export(NumberOf(number)) ?? throw new ProblemException(ApiProblems.Unknown("export"));

    private static int NumberOf(string number) =>
        int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int parsed)
            ? parsed
            : throw new ProblemException(ApiProblems.Unknown("export"));

    private static ProblemException NotReady() =>
        new(
            new Problem(
                409,
                "export-not-ready",
                "The export is not ready.",
                "Follow its progress, and ask for links when its status is ready."
            )
        );

    private static ProblemException Gone() =>
        new(new Problem(410, "export-gone", "The export's files are gone, or about to go.", "Ask for another export."));

    private static ProblemException Unknown(string field, string value, string next) =>
        new(
            new Problem(422, $"unknown-{field}", $"There is no '{value}' among the {field}.", next)
            {
                Errors = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
                {
                    [field] = [$"'{value}' is unknown"],
                },
            }
        );
}
