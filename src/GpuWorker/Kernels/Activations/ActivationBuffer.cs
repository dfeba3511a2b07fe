using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels.Weights;

namespace Winnow.GpuWorker.Kernels.Activations;

/// <summary>Device memory for the prepared rows that products read. One buffer serves rows of any width up to its own.</summary>
internal sealed class ActivationBuffer : IDisposable
{
    /// <summary>Rows that a kernel reads together; memory is for a multiple of them, what lies past the rows is read and not used.</summary>
    public const int RowTile = 64;

    private readonly List<MemoryBuffer> _buffers = [];
    private readonly ActivationViews _views;

    /// <summary>Allocates.</summary>
    /// <param name="accelerator">Device.</param>
    /// <param name="rows">Most rows.</param>
    /// <param name="columns">Most elements of a row.</param>
    /// <param name="forms">Forms to have room for.</param>
    public ActivationBuffer(Accelerator accelerator, int rows, int columns, ActivationForms forms)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        Rows = rows;
        Columns = columns;
        Forms = forms;
        int padded = (rows + RowTile - 1) / RowTile * RowTile;
        long blocks = Units(padded, WeightForm.Q8_0, ActivationForms.Blocks);
        long super = Units(padded, WeightForm.Q6_K, ActivationForms.SuperBlocks);
        long floats = Units(padded, WeightForm.F32, ActivationForms.Floats);
        if (Math.Max(Math.Max(blocks, floats) * 2, super * 16) > int.MaxValue)
        {
            throw new ArgumentException(
                $"Prepared rows '{rows} x {columns}' have more than '{int.MaxValue}' pieces of 16 bytes; ask for fewer rows.", nameof(rows));
        }
        _views = new ActivationViews
        {
            BlockCodes = Allocate<Quad>(accelerator, blocks * 2),
            BlockScales = Allocate<float>(accelerator, blocks),
            SuperCodes = Allocate<Quad>(accelerator, super * 16),
            SuperScales = Allocate<float>(accelerator, super),
            SuperSums = Allocate<short>(accelerator, super * 8),
            Floats = Allocate<FloatQuad>(accelerator, floats * 2),
            FloatScales = Allocate<float>(accelerator, floats > 0 ? padded * ChainLayout.Quarters : 0),
        };
        accelerator.DefaultStream.Synchronize(); // the zeros are there before another stream's kernels
    }

    /// <summary>Most rows.</summary>
    public int Rows { get; }

    /// <summary>Most elements of a row.</summary>
    public int Columns { get; }

    /// <summary>Forms that there is room for.</summary>
    public ActivationForms Forms { get; }

    /// <summary>Bytes on the device.</summary>
    public long Bytes => _buffers.Sum(buffer => buffer.LengthInBytes);

    /// <summary>The memory, as kernels take it.</summary>
    public ActivationViews Views => _views;

    /// <inheritdoc/>
    public void Dispose() => _buffers.ForEach(buffer => buffer.Dispose());

    /// <summary>Checks that rows of a width fit, in these forms.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public void Require(int rows, int columns, ActivationForms forms)
    {
        if (rows > Rows || columns > Columns || (forms & ~Forms) != 0)
        {
            throw new ArgumentException(
                $"Rows '{rows} x {columns}' as '{forms}' do not fit prepared rows '{Rows} x {Columns}' as '{Forms}'.", nameof(rows));
        }
    }

    private long Units(int rows, WeightForm form, ActivationForms needed) =>
        (Forms & needed) == 0 ? 0 : (long)rows * form.Layout(Columns).Units;

    private ArrayView<T> Allocate<T>(Accelerator accelerator, long length)
        where T : unmanaged
    {
        MemoryBuffer1D<T, Stride1D.Dense> buffer = accelerator.Allocate1D<T>(Math.Max(1, length));
        _buffers.Add(buffer);
        buffer.MemSetToZero();
        return buffer.View.BaseView;
    }
}
