#nullable enable
using Azure.Messaging.ServiceBus;

namespace Portability.Local.Bus;

/// <summary>
/// Which broker serves a namespace. The embedded runtime has one broker a host, and within the process it serves every
/// namespace: first those that the host's settings name, then, where only one host runs, any other. A connection string
/// with <c>UseDevelopmentEmulator=true</c> names a host in another process by its address,
/// <c>Endpoint=sb://127.0.0.1:7071;...</c>. No credential is looked at.
/// </summary>
internal static class BusDirectory
{
    private static readonly Lock Gate = new();
    private static readonly List<(IBus Bus, HashSet<string> Namespaces)> Buses = [];

    public static void Add(IBus bus, IEnumerable<string> namespaces)
    {
        lock (Gate)
        {
            Buses.Add((bus, new(namespaces, StringComparer.OrdinalIgnoreCase)));
        }
    }

    public static void Remove(IBus bus)
    {
        lock (Gate)
        {
            Buses.RemoveAll(entry => ReferenceEquals(entry.Bus, bus));
        }
    }

    /// <exception cref="ServiceBusException">None serves it, or several would.</exception>
    public static IBus Find(string fullyQualifiedNamespace, Uri? emulator)
    {
        (IBus Bus, HashSet<string> Namespaces)[] all;
        lock (Gate)
        {
            all = [.. Buses];
        }
        IBus[] named =
        [
            .. all.Where(entry => entry.Namespaces.Contains(fullyQualifiedNamespace)).Select(entry => entry.Bus),
        ];
        if (named.Length == 0 && emulator is not null)
        {
            return HttpBus.At(emulator);
        }
        IBus[] found = named.Length == 0 ? [.. all.Select(entry => entry.Bus)] : named;
        return found.Length == 1
            ? found[0]
            : throw new ServiceBusException(
                found.Length == 0
                    ? $"No host of the embedded runtime runs in this process, so nothing serves '{fullyQualifiedNamespace}'. "
                        + "Start the host first, or reach one in another process by "
                        + "Endpoint=sb://127.0.0.1:PORT;SharedAccessKeyName=any;SharedAccessKey=any;UseDevelopmentEmulator=true."
                    : $"{found.Length} hosts of the embedded runtime run in this process and '{fullyQualifiedNamespace}' is "
                        + $"{(named.Length == 0 ? "in none of their settings" : "in the settings of each")}: give each host a "
                        + "namespace of its own.",
                ServiceBusFailureReason.ServiceCommunicationProblem
            );
    }
}
