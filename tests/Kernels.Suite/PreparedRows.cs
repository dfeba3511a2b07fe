using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Activations;
using Winnow.GpuWorker.Kernels.Weights;

namespace Winnow.Kernels.Suite;

/// <summary>Prepared rows, copied back and put in their natural order.</summary>
internal sealed class PreparedRows
{
    private readonly int _width;
    private readonly sbyte[] _blockCodes;
    private readonly float[] _blockScales;
    private readonly sbyte[] _superCodes;
    private readonly float[] _superScales;
    private readonly short[] _superSums;
    private readonly float[] _floats;

    private PreparedRows(AcceleratorStream stream, ActivationViews views, int width)
    {
        _width = width;
        _blockCodes = MemoryMarshal.Cast<Quad, sbyte>(Read(stream, views.BlockCodes)).ToArray();
        _blockScales = Read(stream, views.BlockScales);
        _superCodes = MemoryMarshal.Cast<Quad, sbyte>(Read(stream, views.SuperCodes)).ToArray();
        _superScales = Read(stream, views.SuperScales);
        _superSums = Read(stream, views.SuperSums);
        _floats = MemoryMarshal.Cast<FloatQuad, float>(Read(stream, views.Floats)).ToArray();
    }

    /// <summary>Copies what a buffer holds for rows of a width.</summary>
    public static PreparedRows Download(AcceleratorStream stream, ActivationBuffer buffer, int width)
    {
        stream.Synchronize();
        return new PreparedRows(stream, buffer.Views, width);
    }

    /// <summary>A row's codes and scales in blocks.</summary>
    public (sbyte[] Codes, float[] Scales) Blocks(int row) => Codes(WeightForm.Q8_0, row, _blockCodes, _blockScales);

    /// <summary>A row's codes and scales in super-blocks; checks that the sums of 32 codes are theirs.</summary>
    public (sbyte[] Codes, float[] Scales) SuperBlocks(int row)
    {
        (sbyte[] Codes, float[] Scales) result = Codes(WeightForm.Q6_K, row, _superCodes, _superScales);
        ChainLayout layout = WeightForm.Q6_K.Layout(_width);
        for (int i = 0; i < result.Codes.Length / 32; i++)
        {
            int at = (((row * layout.Units) + layout.Place(i / 8).First + layout.Place(i / 8).Slot) * 8) + (i % 8);
            Assert.Equal(result.Codes.AsSpan(i * 32, 32).ToArray().Sum(code => code), _superSums[at]);
        }
        return result;
    }

    /// <summary>A row's floats, with the zeros that pad it.</summary>
    public float[] Floats(int row)
    {
        ChainLayout layout = WeightForm.F32.Layout(_width);
        float[] result = new float[layout.Units * 8];
        for (int i = 0; i < result.Length; i++)
        {
            UnitPlace place = layout.Place(i / 8);
            int quad = (((row * layout.Units) + place.First) * 2) + (i / 4 % 2 * place.Stride) + place.Slot;
            result[i] = _floats[(quad * 4) + (i % 4)];
        }
        return result;
    }

    private (sbyte[] Codes, float[] Scales) Codes(WeightForm form, int row, sbyte[] codes, float[] scales)
    {
        ChainLayout layout = form.Layout(_width);
        int size = form.UnitInputs();
        sbyte[] naturalCodes = new sbyte[_width];
        float[] naturalScales = new float[layout.Units];
        for (int i = 0; i < _width; i++)
        {
            int unit = i / size;
            UnitPlace place = layout.Place(unit);
            int first = (row * layout.Units) + place.First;
            int quad = (first * (size / 16)) + (i % size / 16 * place.Stride) + place.Slot;
            naturalCodes[i] = codes[(quad * 16) + (i % 16)];
            naturalScales[unit] = scales[first + place.Slot];
        }
        return (naturalCodes, naturalScales);
    }

    private static T[] Read<T>(AcceleratorStream stream, ArrayView<T> view)
        where T : unmanaged
    {
        T[] data = new T[view.Length];
        view.CopyToCPU(stream, new Span<T>(data));
        return data;
    }
}
