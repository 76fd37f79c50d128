using System.Data.Common;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Portability.DataMap;
using Portability.Erasure;
using Portability.Storage;
using Portability.Workflow;

namespace Portability.Cli.Ledger;

/// <summary>One call of <c>ledger replay</c>.</summary>
internal sealed class ReplayCommandRun(Terminal terminal, IServiceProvider parts, CaseClock clock)
{
    public IReadOnlyCollection<string> Cases { get; init; } = [];

    public IReadOnlyCollection<string> Reused { get; init; } = [];

    /// <summary>Where certificates are kept, or null.</summary>
    public DirectoryInfo? Out { get; init; }

    /// <param name="erase">Whether anything is changed.</param>
    /// <param name="may">Asked before the first deletion; null where nobody can be asked.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<ExitCode> RunAsync(bool erase, Func<string, bool>? may, CancellationToken cancellationToken)
    {
        try
        {
            var replay = Compose();
            await SetClockAsync(cancellationToken);
            var findings = await replay.LookAsync(Cases, Reused, cancellationToken);
            foreach (var finding in findings)
            {
                new ReplayPage(terminal).Show(finding);
            }
            var todo = findings.Where(finding => finding.IsToErase).ToList();
            var left = findings.Count(finding => !finding.IsToErase && finding.Verdict != ReplayVerdict.Clean);
            if (todo.Count > 0 && !erase)
            {
                terminal.Complain($"{todo.Count} customer(s) came back. Nothing was changed; erase with --erase.");
            }
            else if (todo.Count > 0)
            {
                left += await EraseAsync(replay, todo, may, cancellationToken);
            }
            return Conclude(findings, erase ? left : left + todo.Count);
        }
        catch (Exception foreseen)
            when (foreseen
                    is LedgerBrokenException
                        or RunKeyMissingException
                        or DataMapException
                        or ErasureRefusedException
                        or CertificateNotReconciledException
                        or CorruptStreamException
                        or StepRefusedException
            )
        {
            throw new NotDoneException(foreseen.Message, foreseen);
        }
        catch (Exception interrupted) when (interrupted is DbException or TimeoutException or AggregateException)
        {
            throw new NotDoneException(
                $"Interrupted: {interrupted.Message} Run it again: it goes on where it was.",
                interrupted
            );
        }
    }

    /// <summary>Settings that are missing or wrong show before anything is looked at.</summary>
    private LedgerReplay Compose()
    {
        try
        {
            return parts.GetRequiredService<LedgerReplay>();
        }
        catch (InvalidOperationException wrong)
        {
            throw new NotDoneException(wrong.Message, wrong);
        }
    }

    /// <summary>A case's clock may be ahead: the virtual one of a rehearsal is.</summary>
    private async Task SetClockAsync(CancellationToken cancellationToken)
    {
        var index = parts.GetRequiredService<CaseIndex>();
        await foreach (var found in index.AllAsync(CaseFilter.All, cancellationToken))
        {
            clock.NotBefore(found.Summary.LastAt);
        }
    }

    private async Task<int> EraseAsync(
        LedgerReplay replay,
        List<ReplayFinding> todo,
        Func<string, bool>? may,
        CancellationToken cancellationToken
    )
    {
        if (may is null)
        {
            throw new NotDoneException("Nothing was changed: nobody can be asked here, say --yes.");
        }
        if (!may($"Erase again what came back of {todo.Count} customer(s)? It cannot be undone."))
        {
            throw new NotDoneException("Nothing was changed.");
        }
        var left = 0;
        foreach (var finding in todo)
        {
            var result = await replay.ReplayAsync(finding, cancellationToken);
            if (result.Certificate is not { } number)
            {
                left++;
                terminal.Complain(
                    $"{finding.CustomerId}: run {result.Run} of case {finding.CaseId} is not proven, so no certificate was issued."
                );
                foreach (var dataset in result.Left)
                {
                    terminal.Complain($"  {dataset}");
                }
                continue;
            }
            terminal.Say(
                $"{finding.CustomerId}: erased and proven. Certificate {number} of case {finding.CaseId}, SHA-256 {result.Sha256}"
            );
            if (Out is { } folder)
            {
                await KeepAsync(folder, new(finding.CaseId, result.Run), number, cancellationToken);
            }
        }
        return left;
    }

    private async Task KeepAsync(DirectoryInfo folder, ErasureRef run, int number, CancellationToken cancellationToken)
    {
        folder.Create();
        var certificates = parts.GetRequiredService<Certificates>();
        var name = Path.Combine(folder.FullName, string.Create(CultureInfo.InvariantCulture, $"{run.CaseId}-{number}"));
        var keys = await certificates.PublicKeysAsync(cancellationToken);
        await KeepAsync($"{name}.json", await certificates.ReadAsync(run, cancellationToken));
        await KeepAsync($"{name}.sig", await certificates.ReadSignatureAsync(run, cancellationToken));
        await KeepAsync($"{name}.pdf", await certificates.ReadPdfAsync(run, "en", cancellationToken));
        await KeepAsync($"{name}.pem", System.Text.Encoding.ASCII.GetBytes(keys[certificates.CurrentKeyId]));
        terminal.Say($"  kept as {name}.json, .sig, .pdf, .pem");

        Task KeepAsync(string path, byte[]? content) =>
            File.WriteAllBytesAsync(
                path,
                content ?? throw new NotDoneException($"Certificate {number} is issued, but not stored."),
                cancellationToken
            );
    }

    private ExitCode Conclude(IReadOnlyList<ReplayFinding> findings, int left)
    {
        var blocked = findings.Count(finding => finding.Verdict == ReplayVerdict.Blocked);
        if (left == 0)
        {
            terminal.Say(
                findings.All(finding => finding.Verdict == ReplayVerdict.Clean)
                    ? $"Nothing came back: {findings.Count} customer(s) of the ledger looked at."
                    : "Clean again."
            );
            return ExitCode.Fine;
        }
        terminal.Complain($"{left} customer(s) left as they are.");
        return blocked > 0 ? ExitCode.NotDone : ExitCode.Found;
    }
}
