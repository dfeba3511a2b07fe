using System.Runtime.InteropServices;
using Winnow.Inference.Cpu;
using Winnow.Inference.Files;

namespace Winnow.Inference.Graph;

/// <summary>Reads the divisors of rotation frequencies from a file.</summary>
internal static class RopeDivisors
{
    /// <summary>The divisors that a layer uses when so long a context is served; none when the file has none.</summary>
    /// <exception cref="ModelFileException">One is not a sensible divisor.</exception>
    public static float[] Read(ModelFile file, RopeBlock rope, int contextTokens)
    {
        string? name = GraphTensors.RopeDivisors(file, rope, contextTokens);
        if (name is null)
        {
            return [];
        }
        GgufTensor tensor = file.GetTensor(name);
        if (tensor.Type != GgmlType.F32)
        {
            throw new ModelFileException(file.Path, $"tensor '{name}', type", tensor.Type, "F32");
        }
        WeightChecks.RequireFinite(file, tensor, 0, tensor.RowCount);
        float[] divisors = MemoryMarshal.Cast<byte, float>(file.GetData(tensor)).ToArray();
        for (int i = 0; i < divisors.Length; i++)
        {
            if (!(divisors[i] is > 1e-3f and < 1e9f))
            {
                throw new ModelFileException(file.Path, $"tensor '{name}', element {i}", divisors[i], "a divisor from 1e-3 to 1e9");
            }
        }
        return divisors;
    }
}
