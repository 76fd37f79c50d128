namespace Microsoft.Azure.Functions.Worker;

/// <summary>The worker could not do its part of an invocation.</summary>
public class FunctionWorkerException : Exception
{
    public FunctionWorkerException(string? message)
        : base(message) { }

    public FunctionWorkerException(string? message, Exception? innerException)
        : base(message, innerException) { }
}

/// <summary>A parameter could not be given a value of its type.</summary>
public class FunctionInputConverterException : FunctionWorkerException
{
    public FunctionInputConverterException(string? message)
        : base(message) { }

    public FunctionInputConverterException(string? message, Exception? innerException)
        : base(message, innerException) { }
}
