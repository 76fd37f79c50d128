using System.Text.Json;
using Portability.Erasure;
using Portability.Storage;
using Portability.Terminations;
using Portability.Tests.Exports;
using Portability.Workflow;
using RetainedRows = Portability.Terminations.RetainedRows;

namespace Portability.Tests.Workflow;

/// <summary>One case from its notice until nothing of it is kept any more, under the virtual clock.</summary>
public sealed class SevenYearsTests
{
    private const string Yearly = "0 0 3 1 1 *";

    [Fact]
    public async Task RetainedRows_GoOnTheirDayWithACertificateEach_NotUnderAHold_AndTheCaseTenYearsLater()
    {
        await using AppHost app = await AppHost.StartAsync(sweep: Yearly);
        string caseId = await app.OpenAsync();
        await app.Orchestrations.StartCaseAsync(caseId, CancellationToken.None);
        await app.SettleAsync(AppHost.Start.AddDays(47));
        await app.SettleAsync((await app.StateAsync(caseId)).ErasureOpens.AddDays(1));
        Termination state = await app.StateAsync(caseId);
        Assert.Equal(Phase.Closed, state.Phase);
        DateOnly[] invoiceDays = [.. DaysOf(state, "invoices")];
        Assert.True(invoiceDays.Length >= 2, $"Invoices go on {string.Join(", ", invoiceDays)}.");
        Assert.InRange(invoiceDays[^1].Year, 2047, 2048);

        // Every day on which anything is due: nothing goes in the minute before, what is due goes in the hour after.
        DateOnly held = invoiceDays[^1];
        foreach (DateOnly day in DaysOf(state, dataset: null).Where(day => day != held))
        {
            await ReleasedAsync(app, caseId, day);
        }
        await HoldStopsReleaseAsync(app, caseId, held);

        state = await app.StateAsync(caseId);
        Assert.False(state.IsRetaining);
        Assert.Empty(state.Attention);
        Assert.Equal(0, await InvoicesAsync(app));
        Assert.Equal("complete", (await CertificateAsync(app, caseId, state.Certificates[^1].Run)).Status);
        await RemovedAsync(app, caseId, state);
    }

    private static IEnumerable<DateOnly> DaysOf(Termination state, string? dataset) =>
        state.Retained.Where(r => dataset is null || r.Dataset == dataset).Select(r => r.ReleaseOn).Distinct().Order();

    private static async Task<long> InvoicesAsync(AppHost app) =>
        (await app.Lms.CountAsync(app.Lms.Leaving.CustomerId))["invoices"];

    private static async Task ReleasedAsync(AppHost app, string caseId, DateOnly day)
    {
        Termination before = await app.StateAsync(caseId);
        DateTimeOffset due = before.Calendar.StartOfDay(day);
        long invoices = await InvoicesAsync(app);
        await app.SettleAsync(due.AddMinutes(-1));
        Assert.Equal(before.Certificates.Count, (await app.StateAsync(caseId)).Certificates.Count);
        Assert.Equal(invoices, await InvoicesAsync(app));

        await app.SettleAsync(due.AddHours(1));

        await AssertReleasedAsync(app, caseId, before, day, invoices);
    }

    private static async Task AssertReleasedAsync(
        AppHost app,
        string caseId,
        Termination before,
        DateOnly day,
        long invoices
    )
    {
        Termination after = await app.StateAsync(caseId);
        RetainedRows[] due = [.. before.Retained.Where(r => r.ReleaseOn <= day)];
        Assert.Equal(before.Retained.Except(due), after.Retained);
        Assert.Equal(invoices - due.Where(r => r.Dataset == "invoices").Sum(r => r.Rows), await InvoicesAsync(app));
        int run = Assert.Single(after.Certificates.Skip(before.Certificates.Count)).Run;
        Certified certified = await CertificateAsync(app, caseId, run);
        Assert.Equal(Certificates.NumberOf(new ErasureRef(caseId, before.Certificates[^1].Run)), certified.Supersedes);
        foreach (RetainedRows rows in due)
        {
            Assert.True(certified.Deleted[rows.Dataset] >= rows.Rows, $"{rows} and {certified.Deleted[rows.Dataset]}");
        }
    }

    private static async Task HoldStopsReleaseAsync(AppHost app, string caseId, DateOnly day)
    {
        Termination before = await app.StateAsync(caseId);
        DateTimeOffset due = before.Calendar.StartOfDay(day);
        await app.SettleAsync(due.AddDays(-10));
        PersonalRow why = PersonalRow.Of("a dispute over the last invoices");
        await DoAsync(app, caseId, new PlaceHold(why.Ref, why.Ref, ["invoices"], Until: null), "officer-1", why);
        long invoices = await InvoicesAsync(app);
        before = await app.StateAsync(caseId);

        await app.SettleAsync(due.AddDays(60));

        Assert.Equal(invoices, await InvoicesAsync(app));
        Assert.Contains(day, DaysOf(await app.StateAsync(caseId), "invoices"));

        await DoAsync(app, caseId, new ReleaseHold(before.Holds[0].Id, why.Ref), "officer-1");
        Termination asked = await app.StateAsync(caseId);
        await DoAsync(app, caseId, new DecideApproval(asked.PendingApprovals[0].Id, Approve: true, null), "officer-2");
        await app.SettleAsync(due.AddDays(60).AddHours(1));

        Termination after = await app.StateAsync(caseId);
        Assert.Empty(DaysOf(after, "invoices"));
        Assert.Equal(0, await InvoicesAsync(app));
        Assert.True(after.Certificates.Count > before.Certificates.Count);
    }

    private static async Task DoAsync(
        AppHost app,
        string caseId,
        TerminationCommand command,
        string actor,
        params PersonalRow[] personal
    )
    {
        CommandOutcome outcome = await app.Cases.ExecuteAsync(
            caseId,
            command with
            {
                Actor = actor,
            },
            Guid.NewGuid().ToString(),
            personal,
            expectedVersion: null,
            CancellationToken.None
        );
        var done = Assert.IsType<CommandOutcome.Accepted>(outcome);
        await app.Orchestrations.NudgeAsync(caseId, done.Case.State.Version, CancellationToken.None);
    }

    /// <summary>What a certificate says, once openssl has verified it.</summary>
    private sealed record Certified(string Status, string? Supersedes, Dictionary<string, long> Deleted);

    private static async Task<Certified> CertificateAsync(AppHost app, string caseId, int run)
    {
        var certificates = app.Get<Certificates>();
        var reference = new ErasureRef(caseId, run);
        byte[] json = (await certificates.ReadAsync(reference, CancellationToken.None))!;
        string folder = Directory.CreateTempSubdirectory("portability-years-").FullName;
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, "certificate.json"), json);
            await File.WriteAllBytesAsync(
                Path.Combine(folder, "certificate.sig"),
                (await certificates.ReadSignatureAsync(reference, CancellationToken.None))!
            );
            await File.WriteAllTextAsync(
                Path.Combine(folder, "key.pem"),
                (await certificates.PublicKeysAsync(CancellationToken.None))[certificates.CurrentKeyId]
            );
            string verified = await Tool.RunAsync(
                "openssl",
                ["dgst", "-sha256", "-verify", "key.pem", "-signature", "certificate.sig", "certificate.json"],
                workingDirectory: folder
            );
            Assert.Equal("Verified OK", verified.TrimEnd());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        using var document = JsonDocument.Parse(json);
        return new(
            document.RootElement.GetProperty("status").GetString()!,
            document.RootElement.GetProperty("supersedes").GetString(),
            document
                .RootElement.GetProperty("datasets")
                .EnumerateArray()
                .ToDictionary(
                    line => line.GetProperty("dataset").GetString()!,
                    line => line.GetProperty("deleted").GetInt64()
                )
        );
    }

    private static async Task RemovedAsync(AppHost app, string caseId, Termination state)
    {
        DateTimeOffset removal = Lifecycle.RemovalDue(state)!.Value;
        Assert.Equal(state.Certificates[^1].IssuedAt.Year + 10, removal.Year);
        await app.SettleAsync(removal.AddMinutes(-1));
        Assert.NotNull(await app.Cases.FindAsync(caseId, CancellationToken.None));

        await app.SettleAsync(removal.AddHours(1));

        Assert.Null(await app.Cases.FindAsync(caseId, CancellationToken.None));
        Assert.False(await app.Get<TerminationStore>().IsHalfRemovedAsync(caseId, CancellationToken.None));
        Assert.False(await app.Orchestrations.IsAliveAsync(caseId, CancellationToken.None));
        Assert.Empty(await app.Get<PublishedCursors>().AllAsync(CancellationToken.None));
        Assert.Empty((await app.Get<CaseIndex>().ListAsync(CaseFilter.All, null, 200, CancellationToken.None)).Cases);
        foreach (Certificate certificate in state.Certificates)
        {
            var reference = new ErasureRef(caseId, certificate.Run);
            Assert.Null(await app.Get<Certificates>().ReadAsync(reference, CancellationToken.None));
        }
        Assert.NotEmpty(await app.Get<Certificates>().PublicKeysAsync(CancellationToken.None));
    }
}
