using Winnow.Inference.Cpu.Panels;

namespace Winnow.Inference.Cpu.Emitted;

/// <summary>The entry points of one weight type's emitted product, for one row to <see cref="PanelRegisters.Rows"/>.</summary>
internal sealed unsafe class EmittedProduct
{
    private readonly delegate* unmanaged[SuppressGCTransition]<PanelArguments*, void>[] _entries =
        new delegate* unmanaged[SuppressGCTransition]<PanelArguments*, void>[PanelRegisters.Rows];

    /// <summary>Emits and places the code.</summary>
    /// <param name="emit">Emits the product of so many rows.</param>
    public EmittedProduct(Action<EvexAssembler, int> emit)
    {
        for (int rows = 1; rows <= PanelRegisters.Rows; rows++)
        {
            EvexAssembler code = new();
            emit(code, rows);
            if (!CodeMemory.TryPlace(code.ToArray(), out byte* start))
            {
                throw new InsufficientMemoryException("The system gave no memory for machine code.");
            }
            _entries[rows - 1] = (delegate* unmanaged[SuppressGCTransition]<PanelArguments*, void>)start;
        }
    }

    /// <summary>Runs the product.</summary>
    public void Run(int rows, PanelArguments* arguments) => _entries[rows - 1](arguments);
}

/// <summary>The product of a type in blocks of 32, emitted when it is first asked for.</summary>
internal static class EmittedBlocks<TCodes, TFormat>
    where TCodes : struct, ICodePlanes
    where TFormat : struct, IBlockFormat
{
    /// <summary>The product.</summary>
    public static readonly EmittedProduct Code = new(
        static (code, rows) => new BlockCode<TCodes, TFormat>(code, rows).Emit());
}

/// <summary>The product of floats, emitted when it is first asked for.</summary>
internal static class EmittedFloats<TElements>
    where TElements : struct, IElements
{
    /// <summary>The product.</summary>
    public static readonly EmittedProduct Code = new(static (code, rows) => new FloatCode<TElements>(code, rows).Emit());
}

/// <summary>The product of a type in super-blocks of 256, emitted when it is first asked for.</summary>
internal static class EmittedSuperBlocks<TCodes, TFormat>
    where TCodes : struct, ICodePlanes
    where TFormat : struct, ISuperBlockFormat
{
    /// <summary>The product.</summary>
    public static readonly EmittedProduct Code = new(
        static (code, rows) => new SuperBlockCode<TCodes, TFormat>(code, rows).Emit());
}

/// <summary>The 16 values that a kind of planes looks its codes up in.</summary>
internal static unsafe class EmittedTable<TCodes>
    where TCodes : struct, ICodePlanes
{
    private const int Entries = 16;
    private static readonly NativeBuffer Buffer = Fill();

    /// <summary>First entry.</summary>
    public static byte* Start => Buffer.Pointer;

    private static NativeBuffer Fill()
    {
        NativeBuffer buffer = new(Entries);
        for (int code = 0; code < Entries; code++)
        {
            buffer.Pointer[code] = (byte)TCodes.Value(code);
        }
        return buffer;
    }
}
