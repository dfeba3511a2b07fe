using System.Runtime.CompilerServices;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>What becomes of sums: the same for every kernel of a product.</summary>
internal static class ProductOutput
{
    /// <summary>Finishes two neighbouring outputs of a row, the first even.</summary>
    /// <param name="arguments">The kernel's arguments.</param>
    /// <param name="matrix">First output of the matrix among all outputs: not 0 for experts.</param>
    /// <param name="row">Row.</param>
    /// <param name="output">First of the two outputs; either may lie past the last.</param>
    /// <param name="first">Its sum.</param>
    /// <param name="second">The sum of the next output.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePair(in ProductArguments arguments, int matrix, int row, int output, float first, float second)
    {
        if (output >= arguments.Outputs)
        {
            return;
        }
        bool both = output + 1 < arguments.Outputs;
        if (arguments.Bias.Length > 0)
        {
            first += arguments.Bias[matrix + output];
            second += both ? arguments.Bias[matrix + output + 1] : 0f;
        }
        int at = row * arguments.OutputStride;
        if (arguments.Result == (int)ProductResult.Silu)
        {
            arguments.Output[at + (output / 2)] = KernelMath.Silu(first) * second;
        }
        else if (arguments.Result == (int)ProductResult.Gelu)
        {
            arguments.Output[at + (output / 2)] = KernelMath.Gelu(first) * second;
        }
        else
        {
            Store(arguments, at + output, first);
            if (both)
            {
                Store(arguments, at + output + 1, second);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(in ProductArguments arguments, int at, float value) =>
        arguments.Output[at] = arguments.Result == (int)ProductResult.Add ? arguments.Output[at] + value : value;
}
