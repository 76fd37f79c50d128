using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Portability.Terminations;

// The export window: requests, their outcome, and what the customer says of it.
public static partial class TerminationDecider
{
    private static Decision AskExport(Termination s, RequestExport c, DateTimeOffset now)
    {
        if (s.HasEnded)
        {
            return AlreadyEnded(s);
        }
        if (s.ErasureHasStarted)
        {
            return ErasureStarted();
        }
        if (s.ReinstatementApproved)
        {
            return WrongState("being-reinstated", "The customer is being reinstated.", "Nothing more is to be done.");
        }
        if (s.RunningExport is { } running)
        {
            return ExportRunning(running);
        }
        DateTimeOffset received = c.ReceivedAt ?? now;
        if (IsInFuture(s, received, now))
        {
            return ReceivedInFuture();
        }
        if (!TermCalendar.IsPlausible(received))
        {
            return ImplausibleReceipt("receivedAt");
        }
        if (received >= s.WindowCloses)
        {
            return Refuse(
                RefusalKind.BreaksRule,
                "export-window-closed",
                "The request came after the export window had closed.",
                "If it was received before, state receivedAt.",
                "receivedAt",
                new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["windowCloses"] = s.WindowCloses.UtcDateTime.ToString(
                        "yyyy-MM-dd'T'HH:mm:ss'Z'",
                        CultureInfo.InvariantCulture
                    ),
                }
            );
        }
        List<TerminationEvent> events = [];
        if (s.Confirmation is { EraseEarly: true })
        {
            events.Add(new ConfirmationRevoked());
        }
        events.Add(new ExportRequested(s.Exports.Count + 1, received, c.Categories, c.Formats));
        return Accept(events);
    }

    private static Decision Cancel(Termination s, CancelExport c)
    {
        if (s.Export(c.Export) is not { } export)
        {
            return UnknownExport(c.Export);
        }
        return export.Status switch
        {
            ExportStatus.Cancelled => AlreadyDone,
            _ when s.HasEnded => AlreadyEnded(s),
            ExportStatus.Ready => WrongState(
                "export-ready",
                "The export is ready.",
                "Its files go when erasure begins."
            ),
            _ => Accept(new ExportCancelled(c.Export)),
        };
    }

    private static Decision Exported(Termination s, RecordDatasetExported c)
    {
        if (s.Export(c.Export) is not { } export)
        {
            return UnknownExport(c.Export);
        }
        if (export.Datasets.Exists(d => d.Dataset == c.Dataset))
        {
            return AlreadyDone;
        }
        return export.Status == ExportStatus.Running
            ? Accept(new DatasetExported(c.Export, c.Dataset, c.Files, c.Rows, c.Bytes))
            : NotRunning();
    }

    private static Decision MadeReady(Termination s, RecordExportReady c)
    {
        if (s.Export(c.Export) is not { } export)
        {
            return UnknownExport(c.Export);
        }
        if (export.Status == ExportStatus.Ready)
        {
            return AlreadyDone;
        }
        return export.Status == ExportStatus.Running
            ? Accept(new ExportReady(c.Export, c.ManifestSha256, c.Files, c.Rows, c.Bytes))
            : NotRunning();
    }

    private static Decision Failed(Termination s, RecordExportFailed c)
    {
        if (s.Export(c.Export) is not { } export)
        {
            return UnknownExport(c.Export);
        }
        if (export.Status != ExportStatus.Running)
        {
            return AlreadyDone;
        }
        // A failed export stays owed to the customer: a person retries it or gives it up, nothing is erased before.
        return Accept(
            new ExportFailed(c.Export, c.File, c.Code),
            NewAttention(s, Steps.Export(c.Export), c.Code, retryAt: null)
        );
    }

    private static Decision FilesErased(Termination s, RecordExportErased c)
    {
        if (s.Export(c.Export) is not { } export)
        {
            return UnknownExport(c.Export);
        }
        if (export.FilesErased)
        {
            return AlreadyDone;
        }
        bool mayGo = export.Status == ExportStatus.Cancelled || s.ErasureHasStarted || s.HasEnded;
        return mayGo
            ? Accept(new ExportErased(c.Export))
            : WrongState("export-in-use", "The export's files live until erasure starts.", "Wait until then.");
    }

    private static Decision Linked(Termination s, RecordLinksIssued c)
    {
        if (s.Export(c.Export) is not { } export)
        {
            return UnknownExport(c.Export);
        }
        if (export.FilesErased || s.ErasureHasStarted || s.HasEnded)
        {
            return Refuse(
                RefusalKind.Gone,
                "export-gone",
                "The export's files are gone.",
                "Nothing can be downloaded."
            );
        }
        return export.Status == ExportStatus.Ready
            ? Accept(new LinksIssued(c.Export, c.Files, c.ExpiresAt))
            : WrongState("export-not-ready", "The export is not ready.", "Wait until it is, and ask again.");
    }

    private static Decision Confirm(Termination s, ConfirmTransfer c)
    {
        if (s.HasEnded)
        {
            return AlreadyEnded(s);
        }
        if (s.ErasureHasStarted)
        {
            return ErasureStarted();
        }
        if (s.Export(c.Export) is not { } export)
        {
            return UnknownExport(c.Export);
        }
        if (export.Status != ExportStatus.Ready)
        {
            return WrongState("export-not-ready", "The export is not ready.", "Confirm once it has been downloaded.");
        }
        if (!SameHash(export.ManifestSha256!, c.ManifestSha256))
        {
            return BreaksRule(
                "wrong-manifest-hash",
                "manifestSha256",
                "This is not the SHA-256 of that export's manifest.json.",
                "Take it from the downloaded manifest, or from SHA256SUMS."
            );
        }
        if (s.Confirmation is { } given && given.Export == c.Export && given.EraseEarly == c.EraseEarly)
        {
            return AlreadyDone;
        }
        if (c.EraseEarly && !s.IsComplete(export))
        {
            return BreaksRule(
                "early-erasure-not-possible",
                "eraseEarly",
                "Early erasure needs an export of all categories and formats, made after the term's end.",
                "Confirm without eraseEarly, or ask for a complete export first."
            );
        }
        List<TerminationEvent> events = [];
        if (s.Confirmation is { EraseEarly: true })
        {
            // Or the second person's word on the earlier confirmation would count for this one.
            events.Add(new ConfirmationRevoked());
        }
        events.Add(new TransferConfirmed(c.Export, export.ManifestSha256!, c.EraseEarly));
        if (c.EraseEarly)
        {
            events.Add(
                new ApprovalRequested(NewApprovalId(s), ApprovalSubject.EarlyErasure, SubjectId: null, Reason: null)
            );
        }
        return Accept(events);
    }

    private static Decision Revoke(Termination s)
    {
        if (s.HasEnded)
        {
            return AlreadyEnded(s);
        }
        if (s.ErasureHasStarted)
        {
            return ErasureStarted();
        }
        return s.Confirmation is null ? AlreadyDone : Accept(new ConfirmationRevoked());
    }

    private static Decision UnknownExport(int export) =>
        UnknownPart("export", export.ToString(CultureInfo.InvariantCulture));

    private static Decision ExportRunning(ExportRun running) =>
        WrongState(
            "export-running",
            $"Export {running.Number.ToString(CultureInfo.InvariantCulture)} is running; one runs at a time.",
            "Wait until it is ready, or cancel it."
        );

    private static Decision NotRunning() =>
        WrongState("export-not-running", "The export does not run.", "Read the case for its state.");

    private static bool SameHash(string expected, string given) =>
        CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(expected),
            Encoding.UTF8.GetBytes(given.ToLowerInvariant())
        );
}
