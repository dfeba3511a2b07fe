using System.Diagnostics;

namespace Winnow.Cli.Engine;

/// <summary>Peak memory of processes.</summary>
internal static class ProcessMemory
{
    /// <summary>Peak resident memory of a process in bytes; 0 when it has ended.</summary>
    public static long PeakBytes(int processId)
    {
        try
        {
            using Process process = Process.GetProcessById(processId);
            return process.PeakWorkingSet64;
        }
        catch (ArgumentException)
        {
            return 0;
        }
    }
}
