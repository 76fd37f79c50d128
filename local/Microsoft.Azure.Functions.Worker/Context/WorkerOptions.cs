using Azure.Core.Serialization;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Options of the worker.</summary>
public class WorkerOptions
{
    /// <summary>
    /// Serializes payloads and answers. The default is JSON under the app's <c>JsonSerializerOptions</c>, with property
    /// names matched whatever their case.
    /// </summary>
    public ObjectSerializer? Serializer { get; set; }
}
