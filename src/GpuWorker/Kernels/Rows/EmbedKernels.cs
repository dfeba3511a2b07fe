using System.Runtime.CompilerServices;
using ILGPU;
using Winnow.GpuWorker.Kernels.Products;

namespace Winnow.GpuWorker.Kernels.Rows;

// purpose    Looks rows of the embedding matrix up, from the same packed memory that products read.
// formula    y[t][c] = scale * w[token[t]][c]; w = d code, or d (s code) - dmin m.
// shapes     w: V x C in any form; tokens: T; y: T x C.
// layout     units by position, planes of 16 bytes; results in their natural order.
// launch     one group a row, 64 threads; a thread has 16 elements (integers) or 8 (floats) of every 64th piece.
// cost       3 operations and 0.6 to 4 bytes in, 4 out an element; no local memory.
// numerics   float32, as the CPU backend decodes a row; minima may be fused on a device. Tolerance 1e-6 of a row's largest.
// versions   v1 this. Times: not measured, no device.

/// <summary>Kernels that look embeddings up.</summary>
internal static class EmbedKernels
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 64;

    /// <summary>Rows of integer forms.</summary>
    [Kernel("embed_q4_0_f32", typeof(Q4Form), WideLoads = true)]
    [Kernel("embed_q8_0_f32", typeof(Q8Form), WideLoads = true)]
    [Kernel("embed_q4k_f32", typeof(Q4SuperForm), WideLoads = true)]
    [Kernel("embed_q6k_f32", typeof(Q6SuperForm), WideLoads = true)]
    public static void Integers<TForm>(EmbedArguments arguments)
        where TForm : struct, IIntegerForm
    {
        int token = arguments.Tokens[Grid.IdxX];
        for (int piece = Group.IdxX; piece * 16 < arguments.Width; piece += Threads)
        {
            int unit = piece / TForm.Sixteens;
            int sixteen = piece % TForm.Sixteens;
            UnitPlace place = arguments.Layout.Place(unit);
            int first = (token * arguments.Layout.Units) + place.First;
            UnitFactors factors = UnitFactors.Load<TForm>(arguments.Weights, first + place.Slot);
            Quad codes = TForm.LoadSixteen(arguments.Weights.Codes, (first * TForm.CodePlanes) + place.Slot, place.Stride, sixteen);
            float factor = TForm.HasScales ? factors.Factor * TForm.Scale(factors.Scales, sixteen) : factors.Factor;
            float minimum = TForm.HasMinima ? factors.MinimumFactor * CodeBits.SignedByte(factors.Scales, 8 + (sixteen / 2)) : 0f;
            int at = (Grid.IdxX * arguments.Stride) + (piece * 16);
            Four(arguments, at, codes.X, factor, minimum);
            Four(arguments, at + 4, codes.Y, factor, minimum);
            Four(arguments, at + 8, codes.Z, factor, minimum);
            Four(arguments, at + 12, codes.W, factor, minimum);
        }
    }

    /// <summary>Rows of float forms.</summary>
    [Kernel("embed_f16_f32", typeof(HalfForm), WideLoads = true)]
    [Kernel("embed_bf16_f32", typeof(BrainForm), WideLoads = true)]
    [Kernel("embed_f32_f32", typeof(FloatForm), WideLoads = true)]
    public static void Floats<TForm>(EmbedArguments arguments)
        where TForm : struct, IFloatForm
    {
        int token = arguments.Tokens[Grid.IdxX];
        for (int unit = Group.IdxX; unit * 8 < arguments.Width; unit += Threads)
        {
            UnitPlace place = arguments.Layout.Place(unit);
            int first = (token * arguments.Layout.Units) + place.First;
            FloatUnit numbers = TForm.Load(arguments.Weights.Codes, (first * TForm.Planes) + place.Slot, place.Stride);
            Four(arguments, unit * 8, numbers.Low);
            Four(arguments, (unit * 8) + 4, numbers.High);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(in EmbedArguments arguments, int at, int codes, float factor, float minimum)
    {
        arguments.Output[at] = ((factor * (codes << 24 >> 24)) - minimum) * arguments.Scale;
        arguments.Output[at + 1] = ((factor * (codes << 16 >> 24)) - minimum) * arguments.Scale;
        arguments.Output[at + 2] = ((factor * (codes << 8 >> 24)) - minimum) * arguments.Scale;
        arguments.Output[at + 3] = ((factor * (codes >> 24)) - minimum) * arguments.Scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(in EmbedArguments arguments, int element, FloatQuad numbers)
    {
        int at = (Grid.IdxX * arguments.Stride) + element;
        int left = arguments.Width - element;
        Store(arguments, at, left > 0, numbers.X);
        Store(arguments, at + 1, left > 1, numbers.Y);
        Store(arguments, at + 2, left > 2, numbers.Z);
        Store(arguments, at + 3, left > 3, numbers.W);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(in EmbedArguments arguments, int at, bool there, float number)
    {
        if (there)
        {
            arguments.Output[at] = number * arguments.Scale;
        }
    }
}
