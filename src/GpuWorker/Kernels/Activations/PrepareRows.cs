using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Activations;

// purpose    Makes rows ready for products: rounds them to signed bytes or deals them to chains; fused with a norm or a gate.
// formula    blocks of 32: a = half(max|x| / 127); super-blocks of 256: a = 1 / (127 / max|x|); code = nearest even of x (127 / max|x|).
// shapes     x: T x K; codes: T x units x 32 or 256; scales: T x units; sums of 32 codes: T x units x 8. K whole blocks, any for floats.
// layout     position of a unit by ChainLayout; planes of 16 bytes, plane p of a step's units side by side. Rows start at multiples of 16 bytes.
// launch     one group a row, 32 to 256 threads by the row's width; a thread rounds 16 elements, maxima meet in shared memory.
// cost       about 6 operations and 4 + 1.1 bytes an element, limited by memory; shared memory 3 KiB; 16 elements a thread in registers.
// numerics   the CPU backend's codes bit for bit, but for a device's division (one code); a norm's sum has an order of its own.
// versions   v1 this. Times: not measured, no device.

/// <summary>Kernels that prepare rows for products.</summary>
internal static class PrepareRows
{
    private const int MostThreads = 256;

    private const int QuarterChains = ChainLayout.FloatChains / ChainLayout.Quarters;

    // Floats over their scale are below 2^15, so that they are finite as halves; the scale is a normal number.
    private const int ScaledExponent = 14;
    private const int LeastScaledExponent = ScaledExponent + 1;

    /// <summary>Rows as they are.</summary>
    [Kernel("prepare_f32_codes", WideLoads = true)]
    public static void Plain(PrepareArguments arguments) => Run<PlainRows>(arguments);

    /// <summary>Normed rows.</summary>
    [Kernel("rmsnorm_prepare_f32_codes", WideLoads = true)]
    public static void Normed(PrepareArguments arguments) => Run<NormedRows>(arguments);

    /// <summary>activation(gate) * up.</summary>
    [Kernel("gate_prepare_f32_codes", WideLoads = true)]
    public static void Gated(PrepareArguments arguments) => Run<GatedRows>(arguments);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Run<TSource>(PrepareArguments arguments)
        where TSource : struct, IRowSource
    {
        float factor = TSource.Begin(arguments, Grid.IdxX);
        if (arguments.Output.Length > 0)
        {
            Write<TSource>(arguments, factor);
        }
        if ((arguments.Forms & (int)ActivationForms.Blocks) != 0)
        {
            Blocks<TSource>(arguments, factor);
        }
        if ((arguments.Forms & (int)ActivationForms.SuperBlocks) != 0)
        {
            SuperBlocks<TSource>(arguments, factor);
        }
        if ((arguments.Forms & (int)ActivationForms.Floats) != 0)
        {
            Floats<TSource>(arguments, factor);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TSource>(in PrepareArguments arguments, float factor)
        where TSource : struct, IRowSource
    {
        int row = Grid.IdxX;
        for (int quad = Group.IdxX; quad * 4 < arguments.Width; quad += Group.DimX)
        {
            arguments.Output[(row * arguments.OutputStride) + quad] = TSource.Read(arguments, row, quad, factor);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Blocks<TSource>(in PrepareArguments arguments, float factor)
        where TSource : struct, IRowSource
    {
        ArrayView<int> largest = SharedMemory.Allocate<int>(MostThreads);
        int units = arguments.Blocks.Units;
        int thread = Group.IdxX;
        for (int start = 0; start < units * 2; start += Group.DimX)
        {
            int piece = start + thread;
            Sixteen x = Sixteen.Read<TSource>(arguments, Grid.IdxX, piece, factor);
            largest[thread] = x.LargestBits();
            Group.Barrier();
            float most = KernelMath.Bits(IntrinsicMath.Max(largest[thread & ~1], largest[thread | 1]));
            Group.Barrier();
            if (piece < units * 2)
            {
                UnitPlace place = arguments.Blocks.Place(piece / 2);
                int at = (Grid.IdxX * units) + place.First;
                Quad codes = x.Round(most == 0f ? 0f : 127f / most);
                arguments.Prepared.BlockCodes[(at * 2) + ((piece & 1) * place.Stride) + place.Slot] = codes;
                if ((piece & 1) == 0)
                {
                    arguments.Prepared.BlockScales[at + place.Slot] = KernelMath.WidenHalf(KernelMath.NarrowHalf(most / 127f));
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SuperBlocks<TSource>(in PrepareArguments arguments, float factor)
        where TSource : struct, IRowSource
    {
        ArrayView<int> largest = SharedMemory.Allocate<int>(MostThreads);
        ArrayView<int> sums = SharedMemory.Allocate<int>(MostThreads);
        int units = arguments.SuperBlocks.Units;
        int thread = Group.IdxX;
        for (int start = 0; start < units * 16; start += Group.DimX)
        {
            int piece = start + thread;
            Sixteen x = Sixteen.Read<TSource>(arguments, Grid.IdxX, piece, factor);
            largest[thread] = x.LargestBits();
            Group.Barrier();
            int bits = 0;
            for (int i = 0; i < 16; i++)
            {
                bits = IntrinsicMath.Max(bits, largest[(thread & ~15) + i]);
            }
            float most = KernelMath.Bits(bits);
            float inverse = most == 0f ? 0f : 127f / most;
            Quad codes = x.Round(inverse);
            sums[thread] = Sixteen.Sum(codes);
            Group.Barrier();
            if (piece < units * 16)
            {
                int part = piece & 15;
                UnitPlace place = arguments.SuperBlocks.Place(piece / 16);
                int at = (Grid.IdxX * units) + place.First;
                arguments.Prepared.SuperCodes[(at * 16) + (part * place.Stride) + place.Slot] = codes;
                if ((part & 1) == 0)
                {
                    arguments.Prepared.SuperSums[((at + place.Slot) * 8) + (part / 2)] = (short)(sums[thread] + sums[thread + 1]);
                }
                if (part == 0)
                {
                    arguments.Prepared.SuperScales[at + place.Slot] = inverse == 0f ? 0f : 1f / inverse;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Floats<TSource>(in PrepareArguments arguments, float factor)
        where TSource : struct, IRowSource
    {
        ArrayView<int> largest = SharedMemory.Allocate<int>(MostThreads);
        int units = arguments.Floats.Units;
        for (int quarter = 0; quarter * QuarterChains < arguments.Floats.Chains; quarter++)
        {
            int end = arguments.Floats.Start((quarter + 1) * QuarterChains);
            int most = 0;
            for (int piece = (2 * arguments.Floats.Start(quarter * QuarterChains)) + Group.IdxX; piece < 2 * end; piece += Group.DimX)
            {
                UnitPlace place = arguments.Floats.Place(piece / 2);
                int first = (Grid.IdxX * units) + place.First;
                FloatQuad x = Sixteen.ReadQuad<TSource>(arguments, Grid.IdxX, piece, factor);
                arguments.Prepared.Floats[(first * 2) + ((piece & 1) * place.Stride) + place.Slot] = x;
                most = IntrinsicMath.Max(most, Sixteen.Largest(x));
            }
            largest[Group.IdxX] = most;
            Group.Barrier();
            if (Group.IdxX == 0)
            {
                arguments.Prepared.FloatScales[(Grid.IdxX * ChainLayout.Quarters) + quarter] = Scale(largest);
            }
            Group.Barrier();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Scale(ArrayView<int> largest)
    {
        int most = LeastScaledExponent << 23;
        for (int i = 0; i < Group.DimX; i++)
        {
            most = IntrinsicMath.Max(most, largest[i]);
        }
        return KernelMath.Bits(((most >> 23) - ScaledExponent) << 23);
    }
}
