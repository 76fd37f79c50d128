using System.Diagnostics;

namespace Portability.Benchmarks;

/// <summary>A whole process, from start to end: what somebody waits for, start-up and all.</summary>
internal sealed record MeasuredProcess(TimeSpan Elapsed, double PeakRssMb)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    public static async Task<MeasuredProcess> RunAsync(string program, params string[] arguments)
    {
        var begun = Stopwatch.GetTimestamp();
        using var process =
            Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })
            ?? throw new InvalidOperationException($"{program} did not start.");
        var peak = 0L;
        var ended = process.WaitForExitAsync();
        while (!ended.IsCompleted)
        {
            // The peak only grows, so the last look before the end has it but for the last moments.
            await Task.WhenAny(ended, Task.Delay(LookEvery));
            try
            {
                process.Refresh();
                peak = Math.Max(peak, process.PeakWorkingSet64);
            }
            catch (InvalidOperationException)
            {
                // Ended between two looks.
            }
        }

        await ended;
        var elapsed = Stopwatch.GetElapsedTime(begun);
        return process.ExitCode == 0
            ? new MeasuredProcess(elapsed, peak / 1048576.0)
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}."
            );
    }
}
