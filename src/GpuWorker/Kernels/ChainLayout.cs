namespace Winnow.GpuWorker.Kernels;

/// <summary>
/// How the inputs of a product are dealt to chains. An input row is a number of units (what is added with one rounding: a block, a super-block,
/// eight floats); a chain is a contiguous segment of <see cref="Steps"/> units, added in order from zero; the product is the sum of all chains
/// in order. This is the one order of every product, whatever kernel computes it. It follows from the matrix's inputs alone.
/// </summary>
/// <param name="Units">Units of a row.</param>
/// <param name="Steps">Units of a chain.</param>
/// <param name="Chains">Chains; the last one may have fewer units, and zeros are stored in their place.</param>
internal readonly record struct ChainLayout(int Units, int Steps, int Chains)
{
    /// <summary>Most chains of a product in integers: with one lane to a chain, 16 lanes to an output.</summary>
    public const int MostIntegerChains = 16;

    /// <summary>Most chains of a product in floats.</summary>
    public const int MostFloatChains = 32;

    /// <summary>Units that are stored for a row.</summary>
    public int PaddedUnits => Steps * Chains;

    /// <summary>Deals a row's units to chains.</summary>
    /// <param name="inputs">Inputs of the matrix, at least 1.</param>
    /// <param name="unitInputs">Inputs of a unit.</param>
    /// <param name="mostChains">Most chains.</param>
    public static ChainLayout Of(int inputs, int unitInputs, int mostChains)
    {
        int units = (inputs + unitInputs - 1) / unitInputs;
        int steps = (units + mostChains - 1) / mostChains;
        return new ChainLayout(units, steps, (units + steps - 1) / steps);
    }

    /// <summary>
    /// Where a unit is stored: the units that the chains add at the same step lie side by side, so that the lanes of a group load what is
    /// adjacent.
    /// </summary>
    public int PositionOf(int unit) => ((unit % Steps) * Chains) + (unit / Steps);
}
