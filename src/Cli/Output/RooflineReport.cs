namespace Winnow.Cli.Output;

/// <summary>What the machine can do at most.</summary>
/// <param name="ReadGbPerSecond">Reading memory, with the threads that computed; on a device what a copy reads and writes.</param>
/// <param name="ReadGbPerSecondOneThread">The same with one thread; <see langword="null"/> on a device.</param>
/// <param name="PeakGmacPerSecond">Multiply-adds of each used type's kernel on operands in the cache, with those threads; none of a device.</param>
internal sealed record RooflineReport(double ReadGbPerSecond, double? ReadGbPerSecondOneThread, IReadOnlyDictionary<string, double> PeakGmacPerSecond);
