using System.Globalization;

namespace Winnow.Cli.Tests.Support;

/// <summary>The processes of this machine, from <c>/proc</c>.</summary>
internal static class ProcessTable
{
    /// <summary>Process ids of the children of a process.</summary>
    public static IReadOnlyList<int> ChildrenOf(int parent)
        => [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int id) ? id : 0)
            .Where(id => id > 0 && Read(id) is { Ended: false } found && found.Parent == parent)];

    /// <summary>Waits until all have ended.</summary>
    public static async Task EndedAsync(IReadOnlyList<int> processes)
    {
        using CancellationTokenSource limit = new(Tool.Limit);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        while (processes.Any(id => !Read(id).Ended))
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    // A process that nobody has waited for yet has ended all the same. Format: proc(5), /proc/[pid]/stat.
    private static (bool Ended, int Parent) Read(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0] is "Z" or "X", int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return (true, 0);
        }
    }
}
