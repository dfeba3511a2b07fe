using System.Runtime.CompilerServices;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>Walks a row's units in their natural order, chain after chain, and stays at the last.</summary>
internal struct UnitCursor
{
    private int _unit;
    private int _chain;
    private int _start;
    private int _end;

    /// <summary>At the first unit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UnitCursor First(in ChainLayout layout)
    {
        UnitCursor cursor = default;
        cursor._end = layout.Start(1);
        return Settle(cursor, layout);
    }

    /// <summary>At the next unit, or still at the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UnitCursor Next(UnitCursor cursor, in ChainLayout layout)
    {
        cursor._unit += cursor._unit < layout.Units - 1 ? 1 : 0;
        return Settle(cursor, layout);
    }

    /// <summary>Where the unit is stored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly UnitPlace Place(in ChainLayout layout) => layout.Place(_chain, _start, _unit - _start);

    // Chains may be empty.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static UnitCursor Settle(UnitCursor cursor, in ChainLayout layout)
    {
        while (cursor._unit >= cursor._end)
        {
            cursor._chain++;
            cursor._start = cursor._end;
            cursor._end = layout.Start(cursor._chain + 1);
        }
        return cursor;
    }
}
