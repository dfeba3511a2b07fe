using Winnow.Inference.Files;
using Winnow.Inference.Tests.Cpu;

namespace Winnow.Inference.Tests.Graph;

/// <summary>A file's weights in doubles, and products with them: of quantised weights with inputs rounded to 8 bits, as llama.cpp rounds them.</summary>
internal sealed class NaiveWeights(ModelFile file)
{
    private readonly Dictionary<string, double[][]> _matrices = [];

    public bool Has(string name) => file.TryGetTensor(name, out _);

    /// <summary>Rows of a tensor, those of several experts one after the other.</summary>
    public double[][] Rows(string name)
    {
        if (!_matrices.TryGetValue(name, out double[][]? matrix))
        {
            GgufTensor tensor = file.GetTensor(name);
            byte[] data = file.GetData(tensor).ToArray();
            _matrices[name] = matrix = [.. data.Chunk((int)tensor.RowBytes).Select(row => WeightDecoder.Row(tensor.Type, row))];
        }
        return matrix;
    }

    public double[] Vector(string name) => Rows(name)[0];

    /// <summary>A matrix times a vector, plus its bias if the file has one; of <paramref name="count"/> rows from <paramref name="first"/> on.</summary>
    public double[] Multiply(string name, double[] x, int first = 0, int? count = null)
    {
        GgmlType type = file.GetTensor(name + ".weight").Type;
        double[] input = type switch
        {
            GgmlType.F32 or GgmlType.F16 or GgmlType.BF16 => x,
            _ when type.BlockElements() == 32 => RoundTo8Bits(x, 32, scale => (double)(Half)scale),
            _ => RoundTo8Bits(x, 256, scale => scale),
        };
        double[][] rows = Rows(name + ".weight");
        double[] result = [.. rows.Skip(first).Take(count ?? rows.Length).Select(row => row.Zip(input, (w, v) => w * v).Sum())];
        return Has(name + ".bias") ? [.. result.Zip(Vector(name + ".bias").Skip(first), (value, bias) => value + bias)] : result;
    }

    private static double[] RoundTo8Bits(double[] x, int size, Func<double, double> rounded) => [.. x.Chunk(size).SelectMany(block =>
    {
        double scale = block.Max(Math.Abs) / 127;
        return block.Select(v => scale == 0 ? 0 : Math.Round(v / scale) * rounded(scale));
    })];
}
