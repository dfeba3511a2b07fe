using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Weights;
using Winnow.Inference.Files;

namespace Winnow.GpuWorker.Devices;

/// <summary>
/// Packs rows of a file into a device's matrices through two staging buffers of bounded size: while one is copied, the other is filled by several threads, which
/// read the file by that. Only that much of a model is in the host's own memory at a time. What is packed is there after <see cref="Finish"/>, and for
/// whatever is launched on the same stream. One caller at a time.
/// </summary>
internal sealed unsafe class WeightPacker : IDisposable
{
    /// <summary>Bytes that are packed before they are copied, unless one row needs more.</summary>
    public const long DefaultStagingBytes = 16L << 20;

    private readonly AcceleratorStream _stream;
    private readonly PackThreads _threads;
    private readonly long _stagingBytes;
    private readonly WeightStage[] _stages;
    private readonly byte[][] _converted;
    private readonly float[][] _floats;
    private int _turn;

    /// <summary>Makes a packer.</summary>
    /// <param name="stream">Copies go there; it outlives the packer.</param>
    /// <param name="threads">Threads that pack.</param>
    /// <param name="stagingBytes">Bytes that are packed before they are copied.</param>
    public WeightPacker(AcceleratorStream stream, int threads = 1, long stagingBytes = DefaultStagingBytes)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfLessThan(stagingBytes, 1);
        _stream = stream;
        _threads = new PackThreads(threads);
        _stagingBytes = stagingBytes;
        _stages = [new WeightStage(stream), new WeightStage(stream)];
        _converted = [.. Enumerable.Repeat(Array.Empty<byte>(), _threads.Count)];
        _floats = [.. Enumerable.Repeat(Array.Empty<float>(), _threads.Count)];
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

    /// <summary>Waits until everything packed so far is on the device.</summary>
    public void Finish() => _stream.Synchronize();

    /// <inheritdoc/>
    public void Dispose()
    {
        Finish();
        Array.ForEach(_stages, stage => stage.Dispose());
    }

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
            WeightStage stage = _stages[_turn];
            _turn = 1 - _turn;
            stage.Begin(target.Form, now * each * target.Layout.Units);
            int start = done;
            _threads.Run(now, (part, from, rows) =>
            {
                for (int i = (int)from; i < from + rows; i++)
                {
                    PackRow(target, stage, first, start + i, i * each, part);
                    if (second is { } both)
                    {
                        PackRow(target, stage, both, start + i, (i * each) + 1, part);
                    }
                }
            });
            stage.Send(target, (firstOutput + ((long)done * each)) * target.Layout.Units, now * each * target.Layout.Units);
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
        for (int part = 0; part < _threads.Count; part++)
        {
            Grow(ref _converted[part], (int)BlockConversion.NativeType(target.Form).RowBytes(target.Share.AllInputs));
            Grow(ref _floats[part], target.Share.AllInputs);
        }
        return rows;
    }

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            array = new T[length];
        }
    }

    private void PackRow(WeightBuffer target, WeightStage stage, Source source, int row, int staged, int part)
    {
        byte* bytes = source.Rows + (row * source.Type.RowBytes(target.Share.AllInputs));
        fixed (byte* converted = _converted[part])
        fixed (float* floats = _floats[part])
        {
            if (source.Type != BlockConversion.NativeType(target.Form))
            {
                BlockConversion.Convert(source.Type, bytes, target.Share.AllInputs, target.Form, floats, converted);
                bytes = converted;
            }
            if (target.Form.IsInteger())
            {
                PackBlocks(target, stage, bytes, staged);
            }
            else
            {
                PackFloats(target, stage, bytes, staged);
            }
        }
    }

    private static void PackBlocks(WeightBuffer target, WeightStage stage, byte* row, int staged)
    {
        (int codesAt, int scalesAt, int factorAt) = target.Form switch
        {
            WeightForm.Q4_K => (16, 4, 0),
            WeightForm.Q6_K => (0, 192, 208),
            _ => (2, 0, 0),
        };
        ChainLayout layout = target.Layout;
        Span<Quad> codes = stage.Codes;
        Span<Quad> scales = stage.Scales;
        Span<ushort> factors = stage.Factors;
        Span<ushort> minimumFactors = stage.MinimumFactors;
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
                codes[(step * planes) + (plane * place.Stride) + place.Slot] = *(Quad*)(row + codesAt + (16 * plane));
            }
            factors[at] = *(ushort*)(row + factorAt);
            if (target.Form == WeightForm.Q4_K)
            {
                minimumFactors[at] = *(ushort*)(row + factorAt + 2);
                scales[at] = BlockScaleBytes.Unpack(row + scalesAt);
            }
            else if (target.Form == WeightForm.Q6_K)
            {
                scales[at] = *(Quad*)(row + scalesAt);
            }
        }
    }

    private static void PackFloats(WeightBuffer target, WeightStage stage, byte* row, int staged)
    {
        ChainLayout layout = target.Layout;
        Span<Quad> codes = stage.Codes;
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
                codes[(step * planes) + (plane * place.Stride) + place.Slot] = quad;
            }
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
