namespace Grpc.Core;

/// <summary>Status codes of remote calls; the client reports a missing instance and a wrong state by them.</summary>
public enum StatusCode
{
    OK = 0,
    Cancelled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
}

/// <summary>The outcome of a remote call.</summary>
public struct Status(StatusCode statusCode, string detail)
{
    /// <summary>What kind of outcome.</summary>
    public StatusCode StatusCode { get; } = statusCode;

    /// <summary>What happened, in words.</summary>
    public string Detail { get; } = detail;

    public override readonly string ToString() => $"Status(StatusCode=\"{StatusCode}\", Detail=\"{Detail}\")";
}

/// <summary>A remote call ended with a status other than OK.</summary>
public class RpcException : Exception
{
    public RpcException(Status status)
        : this(status, status.ToString()) { }

    public RpcException(Status status, string message)
        : base(message)
    {
        Status = status;
    }

    /// <summary>The outcome.</summary>
    public Status Status { get; }

    /// <summary>What kind of outcome.</summary>
    public StatusCode StatusCode => Status.StatusCode;
}
