using System.Diagnostics;
using System.Text;

namespace Portability.Demo;

/// <summary>
/// Takes what a child process prints: appends it to a file when there is one, and keeps the last lines for error messages.
/// A child whose output nobody reads stops when the pipe is full, so this reads until the child ends.
/// </summary>
internal sealed class ProcessLog : IDisposable
{
    private const int KeptLines = 40;
    private readonly Lock gate = new();
    private readonly Queue<string> tail = new();
    private readonly StreamWriter? file;

    /// <summary>Opens the file to append to, or none when <paramref name="path"/> is null.</summary>
    public ProcessLog(string? path)
    {
        if (path is not null)
        {
            // Read by others while the child runs, and kept open across its restarts by appending.
            FileStream stream = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            file = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false))
            {
                AutoFlush = true,
            };
        }
    }

    /// <summary>Called for each line, on a thread of the pool.</summary>
    public Action<string>? LineRead { get; init; }

    /// <summary>The last lines, for an error message.</summary>
    public string Tail
    {
        get
        {
            lock (gate)
            {
                return string.Join(Environment.NewLine, tail);
            }
        }
    }

    public void Follow(Process process)
    {
        process.OutputDataReceived += (_, e) => Take(e.Data);
        process.ErrorDataReceived += (_, e) => Take(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public void Dispose()
    {
        lock (gate)
        {
            file?.Dispose();
        }
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (gate)
        {
            tail.Enqueue(line);
            if (tail.Count > KeptLines)
            {
                tail.Dequeue();
            }

            // A late line of a killed child may come after Dispose.
            if (file?.BaseStream is { CanWrite: true })
            {
                file.WriteLine(line);
            }
        }

        LineRead?.Invoke(line);
    }
}
