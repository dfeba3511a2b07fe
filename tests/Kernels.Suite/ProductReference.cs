using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Weights;
using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Kernels.Suite;

/// <summary>
/// A random matrix of any file type and its products, written from the definitions alone: decoded weights in doubles, and the order of chains
/// over integers that are read code by code from the file's blocks.
/// </summary>
internal sealed unsafe class ProductReference
{
    private readonly float[] _weights;

    public ProductReference(GgmlType type, int outputs, int inputs, int seed)
    {
        Type = type;
        Outputs = outputs;
        Inputs = inputs;
        Random random = new(seed);
        Rows = new byte[type.RowBytes(inputs) * outputs];
        for (int at = 0; at < Rows.Length; at += type.BlockBytes())
        {
            RandomWeights.Fill(type, Rows.AsSpan(at, type.BlockBytes()), random, MathF.Pow(2, random.Next(-6, 1)));
        }
        _weights = new float[outputs * inputs];
        fixed (byte* rows = Rows)
        fixed (float* weights = _weights)
        {
            for (int output = 0; output < outputs; output++)
            {
                EmbeddingRows.Read(type, rows, output, inputs, weights + (output * inputs));
            }
        }
    }

    public GgmlType Type { get; }

    public int Outputs { get; }

    public int Inputs { get; }

    public byte[] Rows { get; }

    public ReadOnlySpan<float> Weights(int output) => _weights.AsSpan(output * Inputs, Inputs);

    /// <summary>The products of a row in doubles, and what they may differ by: activations are rounded to 8 bits first where the form does.</summary>
    public (double[] Products, double Tolerance) InDoubles(float[] row)
    {
        WeightForm form = WeightForms.Of(Type);
        double[] input = Input(form, row);
        double[] products = new double[Outputs];
        double largest = 0;
        for (int output = 0; output < Outputs; output++)
        {
            double magnitude = 0;
            for (int i = 0; i < Inputs; i++)
            {
                double term = Weights(output)[i] * input[i];
                products[output] += term;
                magnitude += Math.Abs(term);
            }
            largest = Math.Max(largest, magnitude);
        }
        return (products, largest * (WeightForms.IsExact(Type) ? 1e-6 : 6e-4));
    }

    /// <summary>The products of a row as every kernel must compute them, for types that are a form of integers, where nothing is fused.</summary>
    public float[] InChains(float[] row)
    {
        WeightForm form = WeightForms.Of(Type);
        (sbyte[] codes, float[] scales) = form.UnitInputs() == 32 ? RowReference.Blocks(row) : RowReference.SuperBlocks(row);
        int units = Inputs / form.UnitInputs();
        float[] products = new float[Outputs];
        for (int output = 0; output < Outputs; output++)
        {
            ReadOnlySpan<byte> blocks = Rows.AsSpan((int)(output * Type.RowBytes(Inputs)));
            float[] quarters = new float[ChainLayout.Quarters];
            for (int chain = 0; chain < ChainLayout.IntegerChains; chain++)
            {
                float sum = 0f;
                for (int unit = chain * units / ChainLayout.IntegerChains; unit < (chain + 1) * units / ChainLayout.IntegerChains; unit++)
                {
                    ReadOnlySpan<byte> block = blocks.Slice(unit * Type.BlockBytes(), Type.BlockBytes());
                    UnitTerms terms = UnitTerms.Of(Type, block, codes.AsSpan(unit * form.UnitInputs(), form.UnitInputs()));
                    sum = (terms.Integer * (terms.Factor * scales[unit])) + sum;
                    sum = Type == GgmlType.Q4_K ? (terms.Minima * (terms.MinimumFactor * -scales[unit])) + sum : sum;
                }
                quarters[chain / 4] += sum;
            }
            products[output] = (quarters[0] + quarters[1]) + (quarters[2] + quarters[3]);
        }
        return products;
    }

    private static double[] Input(WeightForm form, float[] row)
    {
        if (!form.IsInteger())
        {
            return [.. row.Select(value => (double)value)];
        }
        (sbyte[] codes, float[] scales) = form.UnitInputs() == 32 ? RowReference.Blocks(row) : RowReference.SuperBlocks(row);
        return [.. codes.Select((code, i) => code * (double)scales[i / form.UnitInputs()])];
    }
}
