using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Portability.Tests;

/// <summary>What Linux says of the runtime's socket threads. Alone, as whatever reads from PostgreSQL beside it declares them too.</summary>
[Collection(nameof(BatchSocketsTests))]
[CollectionDefinition(nameof(BatchSocketsTests), DisableParallelization = true)]
public sealed class BatchSocketsTests
{
    private const int Usual = 0;
    private const int Batch = 3;

    [Fact]
    public async Task SocketThreads_AreBatchWork_WhileOneOfTheDeclarationsLives()
    {
        var threads = await SocketThreadsAsync();
        Assert.NotEmpty(threads);
        AllAre(Usual, threads);

        var first = new BatchSockets();
        var second = new BatchSockets();
        AllAre(Batch, threads);

        first.Dispose();
        first.Dispose();
        AllAre(Batch, threads);

        second.Dispose();
        AllAre(Usual, threads);

        using (new BatchSockets())
        {
            AllAre(Batch, threads);
        }

        AllAre(Usual, threads);
    }

    [Fact]
    public void AThreadThatBatchWorkMakes_IsAUsualOne()
    {
        var (maker, made) = (-1, -1);
        var outer = new Thread(() =>
        {
            using var work = BatchWork.Declare();
            maker = Policy("/proc/thread-self");
            var inner = new Thread(() => made = Policy("/proc/thread-self"));
            inner.Start();
            inner.Join();
        });

        outer.Start();
        outer.Join();

        Assert.Equal((Batch, Usual), (maker, made));
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
        Assert.All(threads, thread => Assert.Equal(policy, Policy(thread)));

    /// <summary>Field 41 of stat in proc(5), counted from behind the name in parentheses, which is the second.</summary>
    private static int Policy(string thread)
    {
        var stat = File.ReadAllText(Path.Combine(thread, "stat"));
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return int.Parse(fields[41 - 3], CultureInfo.InvariantCulture);
    }
}
