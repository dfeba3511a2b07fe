using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Winnow.Inference.Files;

namespace Winnow.Inference.Cpu;

/// <summary>Refuses weights that are infinite or not a number: they would turn every output into NaN, far from the cause.</summary>
internal static unsafe class WeightChecks
{
    /// <summary>Looks at every float, half and block scale of a tensor.</summary>
    /// <exception cref="ModelFileException">One is not finite.</exception>
    public static void RequireFinite(ModelFile file, GgufTensor tensor)
    {
        byte* data = file.GetPointer(tensor);
        bool finite = tensor.Type switch
        {
            GgmlType.F32 => AllFinite((uint*)data, tensor.ElementCount),
            GgmlType.F16 => AllFinite((ushort*)data, tensor.ElementCount, 1),
            _ => AllFinite((ushort*)data, tensor.ElementCount / tensor.Type.BlockElements(), tensor.Type.BlockBytes() / sizeof(ushort)),
        };
        if (!finite)
        {
            throw new ModelFileException(file.Path, $"tensor '{tensor.Name}', values", "infinity or NaN", "finite numbers");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AllFinite(uint* values, long count)
    {
        Vector256<uint> mask = Vector256.Create(0x7F800000u);
        Vector256<uint> found = Vector256<uint>.Zero;
        long i = 0;
        for (; i + Vector256<uint>.Count <= count; i += Vector256<uint>.Count)
        {
            found |= Vector256.Equals(Vector256.Load(values + i) & mask, mask);
        }
        bool finite = found == Vector256<uint>.Zero;
        for (; i < count; i++)
        {
            finite &= (values[i] & 0x7F800000u) != 0x7F800000u;
        }
        return finite;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AllFinite(ushort* values, long count, int step)
    {
        Vector256<ushort> mask = Vector256.Create((ushort)0x7C00);
        Vector256<ushort> found = Vector256<ushort>.Zero;
        long i = 0;
        for (; step == 1 && i + Vector256<ushort>.Count <= count; i += Vector256<ushort>.Count)
        {
            found |= Vector256.Equals(Vector256.Load(values + i) & mask, mask);
        }
        bool finite = found == Vector256<ushort>.Zero;
        for (; i < count; i++)
        {
            finite &= (values[i * step] & 0x7C00) != 0x7C00;
        }
        return finite;
    }
}
