using System.Globalization;
using System.Text.Json.Nodes;

namespace Portability.Demo.Tour;

/// <summary>What a portal must not be able to do. Each is tried, and the answer must be the documented one.</summary>
internal sealed class Refusals(PortalClient portal, AppTokens tokens, Promises promises)
{
    /// <summary>Requests without a right, without sense, or about nothing.</summary>
    public async Task BasicsAsync(CancellationToken ct)
    {
        PortalAnswer noToken = await portal.TryGetAsync("api/v1/terminations", token: null, ct);
        Expect("without a token nobody gets in", 401, noToken);
        PortalAnswer unknown = await portal.TryGetAsync(
            "api/v1/terminations/11111111111111111111111111111111",
            tokens.Agent,
            ct
        );
        Expect("an unknown case is not found", 404, unknown);
        PortalAnswer malformed = await portal.TryPostTextAsync(
            "api/v1/terminations",
            tokens.Agent,
            "{\"contractId\":",
            ct
        );
        Expect("malformed JSON is refused as such", 400, malformed);
    }

    /// <summary>A notice that comes too late for the term, which says what would have been in time.</summary>
    public async Task LateNoticeAsync(JsonObject opening, DateOnly endsOn, CancellationToken ct)
    {
        JsonObject late = opening.DeepClone().AsObject();
        late["contractId"] = "K-LATE";
        late["term"]!["endsOn"] = endsOn.ToString("O", CultureInfo.InvariantCulture);
        PortalAnswer answer = await portal.TryPostAsync(
            "api/v1/terminations",
            tokens.Agent,
            late,
            Guid.NewGuid().ToString(),
            ct
        );
        Expect("a notice ten days before the term's end is too late", 422, answer);
        promises.Expect(
            $"it says the last day that would have been in time ({answer.Body?["lastDayForNotice"]}) and the next term end ({answer.Body?["nextTermEnd"]})",
            answer.ProblemType == "late-notice"
                && answer.Body?["lastDayForNotice"] is not null
                && answer.Body["nextTermEnd"] is not null,
            answer.Text
        );
    }

    /// <summary>The same opening again: once more by accident, and once as another request.</summary>
    public async Task OpeningTwiceAsync(JsonObject opening, string key, string caseId, CancellationToken ct)
    {
        PortalAnswer again = await portal.TryPostAsync("api/v1/terminations", tokens.Agent, opening, key, ct);
        promises.Expect(
            "the same request sent twice opens one case",
            again.IsSuccess && again.Body?["id"]?.GetValue<string>() == caseId,
            again.Text
        );
        PortalAnswer second = await portal.TryPostAsync(
            "api/v1/terminations",
            tokens.Agent,
            opening,
            Guid.NewGuid().ToString(),
            ct
        );
        Expect("a second case for the contract is a conflict", 409, second);
    }

    /// <summary>A confirmation that names another manifest.</summary>
    public async Task WrongHashAsync(string caseId, int export, CancellationToken ct)
    {
        JsonObject body = new() { ["export"] = export, ["manifestSha256"] = new string('0', 64) };
        PortalAnswer answer = await portal.TryPostAsync(
            $"api/v1/terminations/{caseId}/confirmation",
            tokens.Agent,
            body,
            Guid.NewGuid().ToString(),
            ct
        );
        Expect("a confirmation with a wrong manifest hash is refused", 422, answer);
    }

    /// <summary>An export after everything is over.</summary>
    public async Task ExportTooLateAsync(string caseId, CancellationToken ct)
    {
        PortalAnswer answer = await portal.TryPostAsync(
            $"api/v1/terminations/{caseId}/exports",
            tokens.Agent,
            new JsonObject(),
            Guid.NewGuid().ToString(),
            ct
        );
        Expect("an export after erasure is refused", 409, answer);
    }

    private void Expect(string promise, int status, PortalAnswer answer) =>
        promises.Expect($"{promise} ({status} {answer.ProblemType})", (int)answer.Status == status, answer.Text);
}
