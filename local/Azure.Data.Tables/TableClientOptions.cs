using Azure.Core;

namespace Azure.Data.Tables;

/// <summary>Options of the table clients: version of the service, retries, transport, diagnostics.</summary>
public partial class TableClientOptions : ClientOptions
{
    /// <summary>Options for a version of the service.</summary>
    public TableClientOptions(ServiceVersion serviceVersion = ServiceVersion.V2020_12_06)
    {
        VersionString = serviceVersion switch
        {
            ServiceVersion.V2019_02_02 => "2019-02-02",
            ServiceVersion.V2020_12_06 => "2020-12-06",
            _ => throw new ArgumentOutOfRangeException(nameof(serviceVersion)),
        };
    }

    /// <summary>Audience of tokens; the public cloud's when not set.</summary>
    public TableAudience? Audience { get; set; }

    /// <summary>Whether the tenant is learnt from the service's challenge.</summary>
    public bool EnableTenantDiscovery { get; set; }

    internal string VersionString { get; }

    /// <summary>Versions of the service that the client speaks.</summary>
    public enum ServiceVersion
    {
        /// <summary>2019-02-02.</summary>
        V2019_02_02 = 1,

        /// <summary>2020-12-06.</summary>
        V2020_12_06 = 2,
    }
}
