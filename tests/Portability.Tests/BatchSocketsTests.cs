using System.Net;
using System.Net.Sockets;

namespace Portability.Tests;

/// <summary>What Linux says of the runtime's socket threads. Alone, as whatever reads from PostgreSQL beside it declares them too.</summary>
[Collection(nameof(BatchSocketsTests))]
[CollectionDefinition(nameof(BatchSocketsTests), DisableParallelization = true)]
public sealed class BatchSocketsTests
{
    [Fact]
    public async Task SocketThreads_AreBatchWork_WhileOneOfTheDeclarationsLives()
    {
        var threads = await SocketThreadsAsync();
        Assert.NotEmpty(threads);
        AllAre(BatchWorkTests.Usual, threads);

        var first = new BatchSockets();
        var second = new BatchSockets();
        AllAre(BatchWorkTests.Batch, threads);

        first.Dispose();
        first.Dispose();
        AllAre(BatchWorkTests.Batch, threads);

        second.Dispose();
        AllAre(BatchWorkTests.Usual, threads);

        using (new BatchSockets())
        {
            AllAre(BatchWorkTests.Batch, threads);
        }

        AllAre(BatchWorkTests.Usual, threads);
    }

    /// <summary>The threads that are there once a socket was waited at.</summary>
    private static async Task<List<string>> SocketThreadsAsync()
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var waited = socket.ReceiveAsync();
        await socket.SendAsync(new byte[1], (IPEndPoint)socket.Client.LocalEndPoint!);
        await waited;
        return
        [
            .. Directory
                .EnumerateDirectories("/proc/self/task")
                .Where(thread => File.ReadAllText(Path.Combine(thread, "comm")).TrimEnd() == ".NET Sockets"),
        ];
    }

    private static void AllAre(int policy, List<string> threads) =>
        Assert.All(threads, thread => Assert.Equal(policy, BatchWorkTests.Policy(thread)));
}
