using System.Diagnostics;
using System.Globalization;

namespace Portability.Tests.Exports;

/// <summary>A file system with no room for anything, in a mount namespace of its own, so that it needs no rights and leaves nothing behind.</summary>
internal sealed class FullDisk : IDisposable
{
    private readonly Process _holder;

    private FullDisk(Process holder) => _holder = holder;

    /// <summary>A folder on it.</summary>
    public string Folder => $"/proc/{_holder.Id.ToString(CultureInfo.InvariantCulture)}/root/mnt";

    public static async Task<FullDisk> StartAsync()
    {
        // The folder itself takes the only place.
        var start = new ProcessStartInfo(
            "unshare",
            ["-rm", "sh", "-c", "mount -t tmpfs -o nr_inodes=1 none /mnt && echo ready && exec cat"]
        )
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var holder = Process.Start(start)!;
        Assert.Equal("ready", await holder.StandardOutput.ReadLineAsync());
        return new FullDisk(holder);
    }

    public void Dispose()
    {
        // The end of its input ends it, and with it the namespace.
        _holder.StandardInput.Close();
        _holder.WaitForExit();
        _holder.Dispose();
    }
}
