using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>Copies some outputs' elements of 4 or 2 bytes, which lie along a row, to columns of 16 outputs, a vector of 16 bytes at a time.</summary>
/// <typeparam name="TElements">Elements.</typeparam>
internal static unsafe class ColumnTurning<TElements>
    where TElements : struct, IElements
{
    /// <summary>Outputs, and columns, that are turned together: as many as a vector holds.</summary>
    public static int Together => Vector128<byte>.Count / TElements.Size;

    private static int ColumnBytes => WeightMatrix.PanelRows * TElements.Size;

    /// <summary>Turns <see cref="Together"/> outputs.</summary>
    /// <param name="source">The first output's first column.</param>
    /// <param name="rowBytes">From output to output.</param>
    /// <param name="columns">A multiple of <see cref="Together"/>.</param>
    /// <param name="destination">The first output's place in the first column.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(byte* source, long rowBytes, int columns, byte* destination)
    {
        Vector128<uint>* turned = stackalloc Vector128<uint>[8];
        for (int column = 0; column < columns; column += Together, source += Vector128<byte>.Count)
        {
            Turn(source, rowBytes, turned);
            if (TElements.Size == sizeof(uint))
            {
                for (int i = 0; i < 4; i++, destination += ColumnBytes)
                {
                    turned[i].Store((uint*)destination);
                }
                continue;
            }

            // Every 32 bits hold two columns of one output.
            Turn(source + (4 * rowBytes), rowBytes, turned + 4);
            Vector128<uint> low = Vector128.Create(0xFFFFu);
            for (int i = 0; i < 4; i++, destination += 2 * ColumnBytes)
            {
                Vector128.Narrow(turned[i] & low, turned[i + 4] & low).Store((ushort*)destination);
                Vector128.Narrow(turned[i] >> 16, turned[i + 4] >> 16).Store((ushort*)(destination + ColumnBytes));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(byte* source, long rowBytes, Vector128<uint>* turned) => FourOutputs.Turn(
        Vector128.Load((uint*)source),
        Vector128.Load((uint*)(source + rowBytes)),
        Vector128.Load((uint*)(source + (2 * rowBytes))),
        Vector128.Load((uint*)(source + (3 * rowBytes))),
        turned);
}
