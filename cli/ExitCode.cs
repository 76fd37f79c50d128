namespace Portability.Cli;

/// <summary>What a command says to the shell that called it; the same three answers for every command.</summary>
internal enum ExitCode
{
    /// <summary>Done, and nothing was found wrong.</summary>
    Fine = 0,

    /// <summary>Done, and something was found: each finding is printed.</summary>
    Found = 1,

    /// <summary>Not done: wrong arguments, a missing file or setting, a system that does not answer.</summary>
    NotDone = 2,
}
