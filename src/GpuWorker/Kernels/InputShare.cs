namespace Winnow.GpuWorker.Kernels;

/// <summary>
/// The inputs of a matrix that a device has: all, or whole quarters of the chains (<see cref="ChainLayout"/>) where several devices share them.
/// </summary>
/// <param name="AllInputs">Inputs of the whole matrix.</param>
/// <param name="FirstQuarter">First quarter: a multiple of <paramref name="QuarterCount"/>.</param>
/// <param name="QuarterCount">Quarters: 1, 2 or 4.</param>
internal readonly record struct InputShare(int AllInputs, int FirstQuarter = 0, int QuarterCount = ChainLayout.Quarters)
{
    /// <summary>All inputs.</summary>
    public static implicit operator InputShare(int inputs) => new(inputs);
}
