namespace Portability.Cli;

/// <summary>A command cannot be carried out; the message says why and what to do, and is all that is printed.</summary>
internal sealed class NotDoneException(string message, Exception? inner = null) : Exception(message, inner);
