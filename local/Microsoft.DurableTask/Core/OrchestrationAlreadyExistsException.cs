namespace DurableTask.Core.Exceptions;

/// <summary>An instance of the same id exists in a state that forbids to overwrite it.</summary>
public class OrchestrationAlreadyExistsException : InvalidOperationException
{
    public OrchestrationAlreadyExistsException() { }

    public OrchestrationAlreadyExistsException(string message)
        : base(message) { }

    public OrchestrationAlreadyExistsException(string message, Exception innerException)
        : base(message, innerException) { }
}
