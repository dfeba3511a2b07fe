using Winnow.Inference.Cpu;

namespace Winnow.Kernels.Suite;

/// <summary>What the CPU backend makes of a row, and the same in doubles.</summary>
internal static unsafe class RowReference
{
    private static readonly CpuKernels Scalar = CpuKernels.Supported[^1];

    /// <summary>Codes and scales in blocks of 32.</summary>
    public static (sbyte[] Codes, float[] Scales) Blocks(float[] row) => Quantize(row, InputForms.Blocks);

    /// <summary>Codes and scales in super-blocks of 256.</summary>
    public static (sbyte[] Codes, float[] Scales) SuperBlocks(float[] row) => Quantize(row, InputForms.SuperBlocks);

    /// <summary>The norm in doubles.</summary>
    public static double[] Norm(ReadOnlySpan<float> row, ReadOnlySpan<float> weight, double epsilon)
    {
        double squares = 0;
        foreach (float value in row)
        {
            squares += (double)value * value;
        }
        double factor = 1 / Math.Sqrt((squares / row.Length) + epsilon);
        double[] result = new double[row.Length];
        for (int i = 0; i < row.Length; i++)
        {
            result[i] = row[i] * factor * weight[i];
        }
        return result;
    }

    /// <summary>SiLU or GELU in doubles.</summary>
    public static double Activate(double x, bool gelu) => gelu
        ? 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))))
        : x / (1 + Math.Exp(-x));

    /// <summary>Rows at a stride, padded with zeros.</summary>
    public static float[] Strided(float[] values, int width, int stride)
    {
        int rows = values.Length / width;
        float[] result = new float[rows * stride];
        for (int row = 0; row < rows; row++)
        {
            values.AsSpan(row * width, width).CopyTo(result.AsSpan(row * stride));
        }
        return result;
    }

    /// <summary>Rows without their padding.</summary>
    public static float[] Dense(float[] values, int rows, int width, int stride)
    {
        float[] result = new float[rows * width];
        for (int row = 0; row < rows; row++)
        {
            values.AsSpan(row * stride, width).CopyTo(result.AsSpan(row * width));
        }
        return result;
    }

    private static (sbyte[] Codes, float[] Scales) Quantize(float[] row, InputForms form)
    {
        using NativeBuffer source = new(row.Length * sizeof(float));
        using NativeBuffer memory = new(QuantizedRows.BytesFor(1, row.Length) + 64);
        row.AsSpan().CopyTo(new Span<float>(source.Pointer, row.Length));
        QuantizedRows rows = new(memory.Pointer, 1, row.Length);
        Scalar.Quantize((float*)source.Pointer, rows, 0, form);
        return form == InputForms.Blocks
            ? (new Span<sbyte>(rows.Bytes, row.Length).ToArray(), new Span<float>(rows.Scales, rows.Blocks).ToArray())
            : (new Span<sbyte>(rows.SuperBytes, row.Length).ToArray(), new Span<float>(rows.SuperScales, rows.SuperBlocks).ToArray());
    }
}
