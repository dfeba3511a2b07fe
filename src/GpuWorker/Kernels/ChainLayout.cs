using System.Runtime.CompilerServices;

namespace Winnow.GpuWorker.Kernels;

/// <summary>
/// How the inputs of a product are dealt to chains. An input row is U units (what is added with one rounding: a block, a super-block, eight
/// floats); chain c of Z has the units from floor(c U / Z) to floor((c + 1) U / Z), added in order from zero. The chains are four quarters,
/// each the sum of its chains in order from zero, and the product is (q0 + q1) + (q2 + q3). This is the one order of every product, whatever
/// kernel computes it. It follows from the matrix's inputs alone, and what has one quarter or two neighbouring ones of the inputs
/// (<see cref="InputShare"/>) computes a subtree of it.
/// </summary>
internal readonly struct ChainLayout
{
    /// <summary>Chains of a product in integers: with one lane to a chain, 16 lanes to an output.</summary>
    public const int IntegerChains = 16;

    /// <summary>Chains of a product in floats.</summary>
    public const int FloatChains = 32;

    /// <summary>Quarters of a product.</summary>
    public const int Quarters = 4;

    // Chains of the whole row are 1 << shift.
    private readonly int _shift;
    private readonly int _allUnits;
    private readonly int _firstChain;

    private ChainLayout(int allUnits, int shift, int firstChain, int chains)
    {
        _allUnits = allUnits;
        _shift = shift;
        _firstChain = firstChain;
        FirstUnit = firstChain * allUnits >> shift;
        Chains = chains;
        FullSteps = allUnits >> shift;
        Steps = (allUnits + (1 << shift) - 1) >> shift;
        Units = ((firstChain + chains) * allUnits >> shift) - FirstUnit;
    }

    /// <summary>The share's first unit among all of the row; 0 where there is no share.</summary>
    public int FirstUnit { get; }

    /// <summary>Units of a row; those of the share, where there is one.</summary>
    public int Units { get; }

    /// <summary>Chains; those of the share, where there is one.</summary>
    public int Chains { get; }

    /// <summary>Units that every chain has; some have one more.</summary>
    public int FullSteps { get; }

    /// <summary>Units of the longest chain of the whole row.</summary>
    public int Steps { get; }

    /// <summary>Deals a row's units to chains.</summary>
    /// <param name="share">Inputs.</param>
    /// <param name="unitInputs">Inputs of a unit.</param>
    /// <param name="chains">Chains of the whole row, a power of two.</param>
    public static ChainLayout Of(InputShare share, int unitInputs, int chains)
    {
        int units = (share.AllInputs + unitInputs - 1) / unitInputs;
        int shift = System.Numerics.BitOperations.Log2((uint)chains);
        return new ChainLayout(units, shift, share.FirstQuarter * chains / Quarters, share.QuarterCount * chains / Quarters);
    }

    /// <summary>A chain's first unit; past the last chain, the number of units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Start(int chain) => ((_firstChain + chain) * _allUnits >> _shift) - FirstUnit;

    /// <summary>The chain that a unit belongs to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ChainOf(int unit) => (((unit + FirstUnit) << _shift) + (1 << _shift) - 1) / _allUnits - _firstChain;

    /// <summary>
    /// Where a chain's unit is stored: the units that the chains add at the same step lie side by side, so that the lanes of a group load what
    /// is adjacent; at the last step these are only the longer chains' units.
    /// </summary>
    /// <param name="chain">Chain.</param>
    /// <param name="start">Its first unit, <see cref="Start"/>.</param>
    /// <param name="step">Which of its units.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UnitPlace Place(int chain, int start, int step)
    {
        UnitPlace place = default;
        bool full = step < FullSteps;
        place.First = step * Chains;
        place.Slot = full ? chain : start - (chain * FullSteps);
        place.Stride = full ? Chains : Units - (Chains * FullSteps);
        return place;
    }

    /// <summary>Where a unit is stored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UnitPlace Place(int unit)
    {
        int chain = ChainOf(unit);
        int start = Start(chain);
        return Place(chain, start, unit - start);
    }
}
