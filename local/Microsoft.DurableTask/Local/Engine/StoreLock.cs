using System.Diagnostics;
using System.Globalization;

namespace Portability.Local.Engine;

/// <summary>
/// Holds a store for one process: an exclusive lock on a file beside it, which the operating system frees when the
/// process ends in whatever way. A second file names the holder for others' error messages.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="IOException">Another host has the store; the message names it.</exception>
    public static StoreLock Take(string storePath)
    {
        string path = storePath + ".lock";
        string ownerPath = storePath + ".owner";
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            using var self = Process.GetCurrentProcess();
            File.WriteAllText(
                ownerPath,
                string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} ({self.ProcessName})")
            );
            return new StoreLock(file);
        }
        catch (IOException fault) when (fault is not (DirectoryNotFoundException or FileNotFoundException))
        {
            string owner = File.Exists(ownerPath) ? File.ReadAllText(ownerPath) : "another process";
            throw new IOException(
                $"The store {storePath} is in use by {owner}. One host at a time works on a store: stop the other one, or "
                    + "give this one another path.",
                fault
            );
        }
    }

    // The file stays: deleting it would let two hosts lock two files of one name.
    public void Dispose() => _file.Dispose();
}
