using System.Globalization;

namespace Winnow.Peer;

/// <summary>This process's memory, from <c>/proc/self/status</c>.</summary>
/// <param name="Total">Resident bytes.</param>
/// <param name="Anonymous">Resident bytes that are no file mapping.</param>
/// <param name="Peak">Largest resident bytes so far.</param>
internal readonly record struct ResidentMemory(long Total, long Anonymous, long Peak)
{
    /// <summary>Reads it.</summary>
    public static ResidentMemory Read()
    {
        string[] lines = File.ReadAllLines("/proc/self/status");
        return new ResidentMemory(Kilobytes(lines, "VmRSS:"), Kilobytes(lines, "RssAnon:"), Kilobytes(lines, "VmHWM:"));
    }

    private static long Kilobytes(string[] lines, string name)
    {
        string line = Array.Find(lines, line => line.StartsWith(name, StringComparison.Ordinal)) ?? throw new PeerException($"/proc/self/status has no '{name}'.");
        return long.Parse(line[name.Length..^"kB".Length], CultureInfo.InvariantCulture) * 1024;
    }
}
