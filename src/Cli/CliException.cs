namespace Winnow.Cli;

/// <summary>A command that cannot go on: one line on stderr and an exit code.</summary>
internal sealed class CliException(string message, int exitCode = CliException.Failed, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Exit code of a command that failed.</summary>
    public const int Failed = 1;

    /// <summary>Exit code of bad usage.</summary>
    public const int BadUsage = 2;

    /// <summary>Exit code for the shell.</summary>
    public int ExitCode { get; } = exitCode;
}
