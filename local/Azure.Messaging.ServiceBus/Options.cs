using System.Net;
using System.Net.Security;

namespace Azure.Messaging.ServiceBus;

/// <summary>Settings of a client. Those of the wire (transport, proxy, certificates, retries) have no effect here.</summary>
public class ServiceBusClientOptions
{
    public ServiceBusClientOptions() { }

    public ServiceBusTransportType TransportType { get; set; }

    public ServiceBusRetryOptions RetryOptions { get; set; } = new();

    public string Identifier { get; set; }

    public bool EnableCrossEntityTransactions { get; set; }

    public IWebProxy WebProxy { get; set; }

    public Uri CustomEndpointAddress { get; set; }

    public TimeSpan ConnectionIdleTimeout { get; set; } = TimeSpan.FromMinutes(1);

    public RemoteCertificateValidationCallback CertificateValidationCallback { get; set; }
}

/// <summary>How often and how fast a failed call is tried again; the time one attempt may take bounds a receive.</summary>
public class ServiceBusRetryOptions
{
    public ServiceBusRetryOptions() { }

    public ServiceBusRetryMode Mode { get; set; } = ServiceBusRetryMode.Exponential;

    public int MaxRetries { get; set; } = 3;

    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(0.8);

    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromMinutes(1);

    public TimeSpan TryTimeout { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>Settings of a sender.</summary>
public class ServiceBusSenderOptions
{
    public ServiceBusSenderOptions() { }

    public string Identifier { get; set; }
}

/// <summary>Settings of a receiver.</summary>
public class ServiceBusReceiverOptions
{
    public ServiceBusReceiverOptions() { }

    public ServiceBusReceiveMode ReceiveMode { get; set; }

    public int PrefetchCount { get; set; }

    public string Identifier { get; set; }

    public SubQueue SubQueue { get; set; }
}

/// <summary>Settings of a processor.</summary>
public class ServiceBusProcessorOptions
{
    public ServiceBusProcessorOptions() { }

    /// <summary>Whether a message is completed when its handler ends without a fault.</summary>
    public bool AutoCompleteMessages { get; set; } = true;

    /// <summary>How long locks are renewed while a handler runs.</summary>
    public TimeSpan MaxAutoLockRenewalDuration { get; set; } = TimeSpan.FromMinutes(5);

    public int MaxConcurrentCalls { get; set; } = 1;

    public int PrefetchCount { get; set; }

    public ServiceBusReceiveMode ReceiveMode { get; set; }

    public SubQueue SubQueue { get; set; }

    public string Identifier { get; set; }
}

/// <summary>Settings of a batch.</summary>
public class CreateMessageBatchOptions
{
    public CreateMessageBatchOptions() { }

    /// <summary>The size a batch may have; the broker's own limit when null.</summary>
    public long? MaxSizeInBytes { get; set; }
}
