using System.Diagnostics;
using System.Globalization;

namespace Portability.Demo.Tour;

/// <summary>One run of <c>./run</c>: sets the stage, gives the tour, sums up, and cleans up whatever happened.</summary>
internal static class Show
{
    private const string Zone = "Europe/Stockholm";

    /// <returns>The process's exit code: 0 when everything was as promised.</returns>
    public static async Task<int> RunAsync(TourOptions options, CancellationToken ct)
    {
        TourScreen screen = new(Zone);
        long started = Stopwatch.GetTimestamp();
        Promises promises = new(screen);
        string? temporary = options.Out is null ? Directory.CreateTempSubdirectory("portability-out-").FullName : null;
        try
        {
            string keepIn = Prepare(options.Out ?? temporary!);
            screen.Chapter("Setting the stage");
            await using Stage stage = await Stage.SetUpAsync(options, screen, Today(), ct);
            try
            {
                using PortalClient portal = new(stage.App.Address);
                await new Departure(options, stage, screen, promises, portal, keepIn).RunAsync(ct);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                stage.Keep = true;
                screen.Say($"The application's log is kept: {stage.App.LogPath}");
                throw;
            }

            Conclude(screen, promises, options, Stopwatch.GetElapsedTime(started));
            if (options.Serve)
            {
                await ServeAsync(stage, screen, ct);
            }

            return promises.Broken.Count == 0 ? 0 : 1;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            screen.Say("Stopped.");
            return options.Serve && promises.Broken.Count == 0 ? 0 : 130;
        }
        catch (Exception fault)
            when (fault is TourException or InvalidOperationException or HttpRequestException or IOException)
        {
            screen.Error(fault.Message);
            return 1;
        }
        finally
        {
            if (temporary is not null)
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    /// <summary>
    /// The virtual clock of a new store starts at the real time, so this is the application's today as well.
    /// </summary>
    private static DateOnly Today() =>
        DateOnly.FromDateTime(
            TimeZoneInfo.ConvertTime(TimeProvider.System.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById(Zone)).Date
        );

    /// <summary>An old run's results go; anything else in the folder is left alone.</summary>
    private static string Prepare(string folder)
    {
        Directory.CreateDirectory(folder);
        if (Directory.Exists(Path.Combine(folder, "downloads")))
        {
            Directory.Delete(Path.Combine(folder, "downloads"), recursive: true);
        }

        foreach (string file in (string[])[.. CertificateCheck.Files, "events.jsonl", "lms.db"])
        {
            File.Delete(Path.Combine(folder, file));
        }

        return Path.GetFullPath(folder);
    }

    private static void Conclude(TourScreen screen, Promises promises, TourOptions options, TimeSpan took)
    {
        screen.Chapter("Result");
        if (options.Out is not null)
        {
            screen.Say(
                $"Kept in {Path.GetFullPath(options.Out)}: downloads/, the certificate (JSON, signature, PDF, key), events.jsonl, lms.db"
            );
        }

        string summary = string.Create(
            CultureInfo.InvariantCulture,
            $"{promises.Count - promises.Broken.Count} of {promises.Count} promises kept, in {took.TotalSeconds:0} s."
        );
        screen.Say(summary);
        foreach (string promise in promises.Broken)
        {
            screen.Error(promise);
        }
    }

    private static async Task ServeAsync(Stage stage, TourScreen screen, CancellationToken ct)
    {
        screen.Chapter("Serving");
        screen.Say($"Address           {stage.App.Address}");
        screen.Say($"Support agent     {stage.Tokens.Agent}");
        screen.Say($"Another agent     {stage.Tokens.SecondAgent}");
        screen.Say($"Privacy officer   {stage.Tokens.Officer}");
        screen.Say($"Contract system   {stage.Tokens.Contracts}");
        screen.Say("Ends with Ctrl-C.");
        await Task.Delay(Timeout.InfiniteTimeSpan, ct);
    }
}
