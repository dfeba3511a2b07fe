namespace Winnow.Hosting;

/// <summary>How a process announces itself and when it ends; section <c>Process</c>, the same for every role.</summary>
public sealed class ProcessOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Process";

    /// <summary>The line that a parent writes to the stdin of a process with <see cref="ExitOnStdinClose"/> to have it drain, as SIGTERM does.</summary>
    public const string DrainLine = "drain";

    /// <summary>Settings file read after the one beside the executable. Default none.</summary>
    public string? ConfigFile { get; set; }

    /// <summary>Prints one JSON line on stdout when the process is ready. Default false.</summary>
    public bool ReadyJson { get; set; }

    /// <summary>
    /// Stops the process when its stdin ends, so that no child outlives its parent; interrupts (Ctrl-C) are then left to the parent.
    /// Default false.
    /// </summary>
    public bool ExitOnStdinClose { get; set; }

    /// <summary>Stops the process when this process is gone; 0 is off. Default 0, range 0 to 2147483647.</summary>
    public int ParentPid { get; set; }

    /// <summary>Seconds that a graceful stop may take before it is cut short. Default 10, range 1 to 600.</summary>
    public int ShutdownSeconds { get; set; } = 10;
}
