using System.Diagnostics;
using System.Globalization;

namespace Winnow.Cli.Engine;

/// <summary>This process's memory.</summary>
/// <param name="Total">Resident bytes.</param>
/// <param name="Anonymous">Resident bytes that are no file mapping; 0 where the system does not tell.</param>
internal readonly record struct ResidentMemory(long Total, long Anonymous)
{
    private const string StatusFile = "/proc/self/status";

    /// <summary>Reads it.</summary>
    public static ResidentMemory Read()
    {
        if (!File.Exists(StatusFile))
        {
            using Process self = Process.GetCurrentProcess();
            return new ResidentMemory(self.WorkingSet64, 0);
        }
        string[] lines = File.ReadAllLines(StatusFile);
        return new ResidentMemory(Kilobytes(lines, "VmRSS:"), Kilobytes(lines, "RssAnon:"));
    }

    private static long Kilobytes(string[] lines, string name)
    {
        string? line = Array.Find(lines, line => line.StartsWith(name, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line[name.Length..^"kB".Length], CultureInfo.InvariantCulture) * 1024;
    }
}
