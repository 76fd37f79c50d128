using System.Diagnostics;

namespace Portability.Tests.Exports;

/// <summary>Runs a program that somebody else wrote over files that we wrote.</summary>
internal static class Tool
{
    /// <summary>Output of a run that must succeed.</summary>
    public static async Task<string> RunAsync(
        string program,
        IEnumerable<string> arguments,
        string? input = null,
        string? workingDirectory = null
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            await using var file = File.OpenRead(input);
            await file.CopyToAsync(process.StandardInput.BaseStream);
        }

        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program}: {await errors}{await output}");
        Assert.Equal("", await errors);
        return await output;
    }

    /// <summary>A run that must succeed; what it says does not matter.</summary>
    public static async Task RunQuietlyAsync(string program, IEnumerable<string> arguments, string workingDirectory)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program}: {errors}{await output}");
    }

    /// <summary>Loads a dump into a new database with the <c>sqlite3</c> program; the database's path.</summary>
    public static async Task<string> LoadAsync(string dump)
    {
        var database = dump + ".db";
        await RunAsync("sqlite3", ["-bail", database], input: dump);
        return database;
    }

    /// <summary>Asks a database with the <c>sqlite3</c> program.</summary>
    public static async Task<string> AskAsync(string database, string sql) =>
        (await RunAsync("sqlite3", [database, sql])).TrimEnd('\n');
}
