using ILGPU;
using ILGPU.Runtime;
using Winnow.Inference.Files;

namespace Winnow.GpuWorker.Kernels.Weights;

/// <summary>
/// Packs rows of a file into a device's matrices through a staging buffer of bounded size: only that much of a model is in host memory at a time.
/// One thread at a time.
/// </summary>
internal sealed unsafe class WeightPacker
{
    /// <summary>Bytes that are packed before they are copied, unless one row needs more.</summary>
    public const long DefaultStagingBytes = 16L << 20;

    private readonly AcceleratorStream _stream;
    private readonly long _stagingBytes;
    private Quad[] _codes = [];
    private Quad[] _scales = [];
    private ushort[] _factors = [];
    private ushort[] _minimumFactors = [];
    private byte[] _converted = [];
    private float[] _floats = [];

    /// <summary>Makes a packer.</summary>
    /// <param name="stream">Copies go there, and are waited for.</param>
    /// <param name="stagingBytes">Bytes that are packed before they are copied.</param>
    public WeightPacker(AcceleratorStream stream, long stagingBytes = DefaultStagingBytes)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfLessThan(stagingBytes, 1);
        _stream = stream;
        _stagingBytes = stagingBytes;
    }

    /// <summary>Packs neighbouring outputs.</summary>
    /// <param name="target">Matrix.</param>
    /// <param name="firstOutput">First output to write; expert e's outputs begin at e times <see cref="WeightBuffer.Outputs"/>.</param>
    /// <param name="type">Type in the file, which becomes the matrix's form.</param>
    /// <param name="rows">Rows as the file stores them.</param>
    /// <param name="count">Rows.</param>
    /// <exception cref="ArgumentException">Type or rows do not fit the matrix.</exception>
    public void Upload(WeightBuffer target, long firstOutput, GgmlType type, byte* rows, int count) =>
        Run(target, firstOutput, new Source(type, rows), null, count);

    /// <summary>Packs two matrices into outputs that alternate: gate and up, so that one group of threads has both.</summary>
    /// <param name="target">Matrix.</param>
    /// <param name="firstOutput">First output to write, that of the first gate.</param>
    /// <param name="gateType">Type of the gate in the file, which becomes the matrix's form.</param>
    /// <param name="gate">Rows of the gate.</param>
    /// <param name="upType">Type of up in the file, which becomes the same form.</param>
    /// <param name="up">Rows of up.</param>
    /// <param name="count">Rows of each.</param>
    /// <exception cref="ArgumentException">Types or rows do not fit the matrix.</exception>
    public void UploadAlternating(WeightBuffer target, long firstOutput, GgmlType gateType, byte* gate, GgmlType upType, byte* up, int count) =>
        Run(target, firstOutput, new Source(gateType, gate), new Source(upType, up), count);

    private void Run(WeightBuffer target, long firstOutput, Source first, Source? second, int count)
    {
        Require(target, firstOutput, first.Type, second is null ? count : 2L * count);
        if (second is { } other)
        {
            Require(target, firstOutput, other.Type, 2L * count);
        }
        int each = second is null ? 1 : 2;
        int most = Reserve(target, each);
        for (int done = 0; done < count; done += most)
        {
            int now = Math.Min(most, count - done);
            Clear(target, now * each);
            for (int i = 0; i < now; i++)
            {
                PackRow(target, first, done + i, i * each);
                if (second is { } both)
                {
                    PackRow(target, both, done + i, (i * each) + 1);
                }
            }
            Copy(target, firstOutput + ((long)done * each), now * each);
        }
    }

    private static void Require(WeightBuffer target, long firstOutput, GgmlType type, long outputs)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (WeightForms.Of(type) != target.Form || target.Share.AllInputs % type.BlockElements() != 0)
        {
            throw new ArgumentException(
                $"Rows of '{target.Share.AllInputs}' weights of type '{type}' cannot be packed as '{target.Form}'; "
                + "expected a type that becomes it, in whole blocks.",
                nameof(type));
        }
        long all = (long)target.Outputs * target.Experts;
        if (firstOutput < 0 || outputs < 0 || firstOutput > all - outputs)
        {
            throw new ArgumentException(
                $"Outputs '{firstOutput}' to '{firstOutput + outputs}' are not in a matrix of '{all}'.", nameof(firstOutput));
        }
    }

    // How many rows of each source are staged at once.
    private int Reserve(WeightBuffer target, int each)
    {
        long rowBytes = WeightBuffer.BytesFor(target.Form, each, target.Share);
        int rows = (int)Math.Clamp(_stagingBytes / rowBytes, 1, 1 << 16);
        int units = rows * each * target.Layout.Units;
        Grow(ref _codes, units * target.Form.CodeQuads());
        Grow(ref _scales, units * target.Form.ScaleQuads());
        Grow(ref _factors, units);
        Grow(ref _minimumFactors, units);
        Grow(ref _converted, (int)BlockConversion.NativeType(target.Form).RowBytes(target.Share.AllInputs));
        Grow(ref _floats, target.Share.AllInputs);
        return rows;
    }

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            array = new T[length];
        }
    }

    private void Clear(WeightBuffer target, int outputs)
    {
        int units = outputs * target.Layout.Units;
        _codes.AsSpan(0, units * target.Form.CodeQuads()).Clear();
        _scales.AsSpan(0, units * target.Form.ScaleQuads()).Clear();
        _factors.AsSpan(0, units).Clear();
        _minimumFactors.AsSpan(0, units).Clear();
    }

    private void PackRow(WeightBuffer target, Source source, int row, int staged)
    {
        byte* bytes = source.Rows + (row * source.Type.RowBytes(target.Share.AllInputs));
        fixed (byte* converted = _converted)
        fixed (float* floats = _floats)
        {
            if (source.Type != BlockConversion.NativeType(target.Form))
            {
                BlockConversion.Convert(source.Type, bytes, target.Share.AllInputs, target.Form, floats, converted);
                bytes = converted;
            }
            if (target.Form.IsInteger())
            {
                PackBlocks(target, bytes, staged);
            }
            else
            {
                PackFloats(target, bytes, staged);
            }
        }
    }

    private void PackBlocks(WeightBuffer target, byte* row, int staged)
    {
        (int codesAt, int scalesAt, int factorAt) = target.Form switch
        {
            WeightForm.Q4_K => (16, 4, 0),
            WeightForm.Q6_K => (0, 192, 208),
            _ => (2, 0, 0),
        };
        ChainLayout layout = target.Layout;
        int planes = target.Form.CodeQuads();
        int blockBytes = BlockConversion.NativeType(target.Form).BlockBytes();
        row += layout.FirstUnit * blockBytes;
        for (int unit = 0; unit < layout.Units; unit++, row += blockBytes)
        {
            UnitPlace place = layout.Place(unit);
            int step = (staged * layout.Units) + place.First;
            int at = step + place.Slot;
            for (int plane = 0; plane < planes; plane++)
            {
                _codes[(step * planes) + (plane * place.Stride) + place.Slot] = *(Quad*)(row + codesAt + (16 * plane));
            }
            _factors[at] = *(ushort*)(row + factorAt);
            if (target.Form == WeightForm.Q4_K)
            {
                _minimumFactors[at] = *(ushort*)(row + factorAt + 2);
                _scales[at] = BlockScaleBytes.Unpack(row + scalesAt);
            }
            else if (target.Form == WeightForm.Q6_K)
            {
                _scales[at] = *(Quad*)(row + scalesAt);
            }
        }
    }

    private void PackFloats(WeightBuffer target, byte* row, int staged)
    {
        ChainLayout layout = target.Layout;
        int planes = target.Form.CodeQuads();
        row += layout.FirstUnit * planes * sizeof(Quad);
        long left = BlockConversion.NativeType(target.Form).RowBytes(target.Inputs);
        for (int unit = 0; unit < layout.Units; unit++)
        {
            UnitPlace place = layout.Place(unit);
            int step = (staged * layout.Units) + place.First;
            for (int plane = 0; plane < planes && left > 0; plane++, row += sizeof(Quad), left -= sizeof(Quad))
            {
                Quad quad = default;
                Buffer.MemoryCopy(row, &quad, sizeof(Quad), Math.Min(left, sizeof(Quad)));
                _codes[(step * planes) + (plane * place.Stride) + place.Slot] = quad;
            }
        }
    }

    private void Copy(WeightBuffer target, long firstOutput, int outputs)
    {
        long first = firstOutput * target.Layout.Units;
        int units = outputs * target.Layout.Units;
        Copy(target.Views.Codes, first, units, target.Form.CodeQuads(), _codes);
        Copy(target.Views.Scales, first, units, target.Form.ScaleQuads(), _scales);
        Copy(target.Views.Factors, first, units, Math.Min(1, target.Form.Factors()), _factors);
        Copy(target.Views.MinimumFactors, first, units, target.Form.Factors() / 2, _minimumFactors);
        _stream.Synchronize();
    }

    private void Copy<T>(ArrayView<T> view, long firstUnit, int units, int each, T[] data)
        where T : unmanaged
    {
        if (each > 0)
        {
            view.SubView(firstUnit * each, (long)units * each).CopyFromCPU(_stream, new ReadOnlySpan<T>(data, 0, units * each));
        }
    }

    private readonly record struct Source(GgmlType Type, IntPtr Address)
    {
        public Source(GgmlType type, byte* rows)
            : this(type, (IntPtr)rows)
        {
        }

        public byte* Rows => (byte*)Address;
    }
}
