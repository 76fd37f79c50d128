using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Portability.Demo.Tour;

/// <summary>
/// What an operator fears: the database is put back as it was before the erasure. Then the ledger of erasures is replayed by the
/// command line, as the runbook says.
/// </summary>
internal sealed class Restoration(Stage stage, Promises promises, TourScreen screen)
{
    private string Backup => stage.Lms.Path + ".backup";

    /// <summary>Takes the backup.</summary>
    public Task TakeBackupAsync(CancellationToken ct) => CopyAsync(stage.Lms.Path, Backup, ct);

    /// <summary>Puts it back, replays the ledger, and expects the database to be as the erasure had left it.</summary>
    public async Task RunAsync(Snapshot erased, CancellationToken ct)
    {
        screen.Chapter("A backup from before the erasure is restored");
        await CopyAsync(Backup, stage.Lms.Path, ct);
        Snapshot restored = await Snapshot.TakeAsync(stage.Lms, stage.Storage, ct);
        screen.Say(
            $"{stage.Lms.Leaving.Name} is back with {restored.Leaving.Rows:N0} rows. ./portability ledger replay --erase --yes:"
        );
        (int status, string output) = await ReplayAsync(ct);
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(2))
        {
            screen.Say(line.Trim());
        }

        Snapshot clean = await Snapshot.TakeAsync(stage.Lms, stage.Storage, ct);
        string[] wrong =
        [
            .. erased
                .Leaving.Tables.Where(table => !IsAsErased(table.Key, table.Value, restored, clean))
                .Select(table => $"{table.Key}: {clean.Leaving.Tables[table.Key].Rows} left"),
        ];
        promises.Expect(
            $"replaying the ledger erases again what came back, with a new certificate, and no row of {stage.Lms.Staying.Name}",
            status == 0
                && restored.Leaving.Rows > erased.Leaving.Rows
                && wrong.Length == 0
                && clean.Staying.Sha256 == erased.Staying.Sha256
                && clean.Shared.Sha256 == erased.Shared.Sha256
                && output.Contains("erased and proven. Certificate 2", StringComparison.Ordinal),
            string.Join(", ", wrong.Append($"exit code {status}: {output}"))
        );
    }

    /// <summary>Row by row what the erasure had left. An account that was closed again has another time of closing, and is not as in the backup.</summary>
    private static bool IsAsErased(string table, TableDigest erased, Snapshot restored, Snapshot clean) =>
        table == "accounts"
            ? clean.Leaving.Tables[table].Rows == erased.Rows
                && clean.Leaving.Tables[table] != restored.Leaving.Tables[table]
            : clean.Leaving.Tables[table] == erased;

    private async Task<(int Status, string Output)> ReplayAsync(CancellationToken ct)
    {
        string relative = Path.Combine("cli", "bin", Checkout.Configuration, "net10.0", "portability.dll");
        string program =
            Checkout.Find(relative)
            ?? throw new TourException(
                $"The command line is not built: {relative} is missing. Run `dotnet build cli`."
            );
        ProcessStartInfo start = new("dotnet", [program, "ledger", "replay", "--erase", "--yes"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in stage.Settings)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(ct);
        Task<string> errors = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>By SQLite's own backup, which others may read and write beside.</summary>
    private static async Task CopyAsync(string from, string to, CancellationToken ct)
    {
        await using SqliteConnection source = new($"Data Source={from};Pooling=False");
        await using SqliteConnection target = new($"Data Source={to};Pooling=False");
        await source.OpenAsync(ct);
        await target.OpenAsync(ct);
        source.BackupDatabase(target);
    }
}
