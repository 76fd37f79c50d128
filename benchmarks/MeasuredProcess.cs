using System.Diagnostics;
using System.Globalization;

namespace Portability.Benchmarks;

/// <summary>A whole process, from start to end: what somebody waits for, start-up and all, and what it wrote.</summary>
internal sealed record MeasuredProcess(TimeSpan Elapsed, double PeakRssMb, IReadOnlyList<string> Lines)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs a program that writes to our own output.</summary>
    public static Task<MeasuredProcess> RunAsync(string program, params string[] arguments) =>
        RunAsync(new ProcessStartInfo(program, arguments) { UseShellExecute = false });

    /// <summary>Runs a program whose lines of output are its results.</summary>
    public static Task<MeasuredProcess> ReadAsync(string program, params string[] arguments) =>
        RunAsync(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true });

    private static async Task<MeasuredProcess> RunAsync(ProcessStartInfo start)
    {
        var begun = Stopwatch.GetTimestamp();
        using var process =
            Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        var output = start.RedirectStandardOutput ? process.StandardOutput.ReadToEndAsync() : Task.FromResult("");
        var peak = 0L;
        var ended = process.WaitForExitAsync();
        while (!ended.IsCompleted)
        {
            // The peak only grows, so the last look before the end has it but for the last moments.
            await Task.WhenAny(ended, Task.Delay(LookEvery));
            peak = Math.Max(peak, PeakRss(process));
        }

        await ended;
        var elapsed = Stopwatch.GetElapsedTime(begun);
        var text = await output;
        return process.ExitCode == 0
            ? new MeasuredProcess(
                elapsed,
                peak / 1048576.0,
                text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            )
            : throw new InvalidOperationException(
                $"{start.FileName} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}. {text}"
            );
    }

    /// <summary>
    /// From the kernel's line about it: one small file, where <see cref="Process.Refresh"/> reads one for every thread, fifty times a second, on the
    /// processors that are being measured.
    /// </summary>
    private static long PeakRss(Process process)
    {
        const string Line = "VmHWM:";
        try
        {
            var peak = File.ReadLines($"/proc/{process.Id}/status")
                .FirstOrDefault(line => line.StartsWith(Line, StringComparison.Ordinal));
            return peak is null
                ? 0
                : long.Parse(
                    peak[Line.Length..].Replace("kB", "", StringComparison.Ordinal),
                    CultureInfo.InvariantCulture
                ) * 1024;
        }
        catch (IOException)
        {
            // Ended between two looks.
            return 0;
        }
    }
}
