using System.Globalization;
using System.Text.Json.Nodes;

namespace Portability.Demo.Tour;

/// <summary>Says in a sentence what an event of the audit stream means.</summary>
internal static class EventWords
{
    /// <summary>The event's name without its version.</summary>
    public static string ShortName(string name) => name.Split('.')[0];

    public static string Tell(string name, JsonNode? data)
    {
        string D(string property) => data?[property]?.ToString() ?? "?";
        string N(string property) =>
            data?[property] is { } value
            && long.TryParse(value.ToString(), CultureInfo.InvariantCulture, out long number)
                ? number.ToString("N0", CultureInfo.InvariantCulture)
                : D(property);

        return ShortName(name) switch
        {
            "termination-opened" => $"Case opened for contract {D("contractId")} of customer {D("customerId")}.",
            "notice-given" => $"Notice ({D("kind")}) received by {D("channel")}; last day of service {D("lastDay")}.",
            "late-notice-accepted" => "A late notice was accepted.",
            "notice-withdrawn" => "The customer took the notice back.",
            "term-ended" => "The term is over. The export window is open.",
            "access-frozen" => "Users are locked out; the data is read-only.",
            "window-moved" => $"The export window closes {D("windowCloses")}.",
            "export-requested" => $"Export {D("export")} requested.",
            "dataset-exported" => $"{D("dataset")}: {N("rows")} rows in {N("files")} files, {N("bytes")} bytes.",
            "export-ready" =>
                $"Export {D("export")} is complete: {N("files")} files, {N("bytes")} bytes; manifest {Short(D("manifestSha256"))}.",
            "export-failed" => $"Export {D("export")} failed: {D("file")} {D("code")}.",
            "export-cancelled" => $"Export {D("export")} was cancelled.",
            "export-erased" => $"The files of export {D("export")} are gone.",
            "links-issued" => $"Links to {N("files")} files, good until {D("expiresAt")}.",
            "transfer-confirmed" =>
                $"The customer confirms the transfer of export {D("export")}, manifest {Short(D("manifestSha256"))}.",
            "confirmation-revoked" => "The confirmation no longer stands.",
            "hold-placed" => "A legal hold stops erasure.",
            "hold-released" or "hold-expired" => "A legal hold has ended.",
            "message-intended" => $"Mail \"{D("kind")}\" is due.",
            "message-sent" => "Mail handed over.",
            "message-bounced" => $"A mail came back: {D("code")}.",
            "erasure-started" => $"Erasure run {D("run")} begins ({D("kind")}).",
            "dataset-erased" => $"{D("dataset")}: {N("deleted")} of {N("before")} deleted{Also(data)}.",
            "dataset-retained" => $"{D("dataset")}: {N("rows")} kept until {D("releaseOn")} ({D("class")}).",
            "residue-found" => $"Residue in {D("dataset")}: {N("rows")} rows.",
            "erasure-verified" => Verified(data),
            "processor-commanded" => $"{D("processor")} is told to erase.",
            "processor-chased" => $"{D("processor")} is silent, and is told again.",
            "processor-acknowledged" => $"{D("processor")} says that it erased {N("erased")} ({D("reference")}).",
            "processor-asked" => $"{D("processor")} is asked what it still holds.",
            "processor-answered" => $"{D("processor")} holds {N("held")}.",
            "certificate-issued" => $"Certificate {D("number")} of erasure, {Short(D("sha256"))}.",
            "retained-data-erased" => $"{D("dataset")}: {N("rows")} rows whose time is up are gone.",
            "attention-raised" => $"A person must look: {D("step")}, {D("code")}.",
            "attention-settled" => $"Attention settled: {D("action")}.",
            "personal-data-redacted" => $"{N("values")} personal values of the case are gone.",
            "contact-changed" => $"The customer's contact is another; locale {D("locale")}.",
            "customer-link-issued" => $"The customer got a page of its own, until {D("expiresAt")}.",
            "customer-link-revoked" => "The customer's page is closed.",
            "assistance-agreed" => "Transfer assistance was agreed.",
            "approval-requested" => $"A second person must approve: {D("subject")}.",
            "approval-given" => "A second person approved.",
            "approval-rejected" => "A second person refused.",
            "reinstated" => "The customer stays after all.",
            "account-closed" => "The account is closed.",
            _ => data?.ToJsonString() ?? "",
        };
    }

    /// <summary>Colour by what the event is about.</summary>
    public static string Colour(string name) =>
        ShortName(name) switch
        {
            "attention-raised" or "export-failed" or "residue-found" or "message-bounced" => "red",
            "erasure-started" or "dataset-erased" or "export-erased" or "personal-data-redacted" => "darkorange",
            "export-ready" or "erasure-verified" or "certificate-issued" or "account-closed" => "green",
            "message-sent" or "message-intended" => "blue",
            "dataset-exported" or "dataset-retained" => "grey",
            _ => "default",
        };

    private static string Short(string hash) => hash.Length > 12 ? hash[..12] + "…" : hash;

    private static string Also(JsonNode? data)
    {
        string text = "";
        foreach (string what in (string[])["anonymised", "unlinked"])
        {
            if (data?[what]?.ToString() is { Length: > 0 } count and not "0")
            {
                text += $", {count} {what}";
            }
        }

        return text;
    }

    private static string Verified(JsonNode? data)
    {
        IEnumerable<string> counts =
            (data?["outcomes"] as JsonArray)
                ?.GroupBy(outcome => outcome?["outcome"]?.ToString() ?? "?", StringComparer.Ordinal)
                .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {group.Key}"))
            ?? [];
        return $"An independent scan looked for residue: {string.Join(", ", counts)}.";
    }
}
