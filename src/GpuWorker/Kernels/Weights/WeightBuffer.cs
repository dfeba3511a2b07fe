using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels.Products;

namespace Winnow.GpuWorker.Kernels.Weights;

/// <summary>A matrix on a device: outputs x inputs, or that of several experts one after the other. All weights are zero until packed.</summary>
internal sealed class WeightBuffer : IDisposable
{
    private readonly MemoryBuffer1D<Quad, Stride1D.Dense>? _codes;
    private readonly MemoryBuffer1D<Quad, Stride1D.Dense>? _scales;
    private readonly MemoryBuffer1D<ushort, Stride1D.Dense>? _factors;
    private readonly MemoryBuffer1D<ushort, Stride1D.Dense>? _minimumFactors;

    /// <summary>Allocates.</summary>
    /// <param name="accelerator">Device.</param>
    /// <param name="form">Form.</param>
    /// <param name="outputs">Outputs of one matrix, at least 1.</param>
    /// <param name="share">Inputs: all, whole units but for floats, or a device's quarters of them.</param>
    /// <param name="experts">Matrices; 1 but for experts.</param>
    /// <exception cref="ArgumentException">The sizes are not allowed, or too large for one buffer.</exception>
    public WeightBuffer(Accelerator accelerator, WeightForm form, int outputs, InputShare share, int experts = 1)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(share.AllInputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(experts, 1);
        Form = form;
        Outputs = outputs;
        Share = share;
        Inputs = form.Inputs(share).Count;
        Experts = experts;
        Layout = form.Layout(share);
        RequireSizes();
        long units = (long)outputs * experts * Layout.Units;
        _codes = Allocate<Quad>(accelerator, units * form.CodeQuads())!;
        _scales = Allocate<Quad>(accelerator, units * form.ScaleQuads());
        _factors = Allocate<ushort>(accelerator, form.Factors() > 0 ? units : 0);
        _minimumFactors = Allocate<ushort>(accelerator, form.Factors() > 1 ? units : 0);
        accelerator.DefaultStream.Synchronize(); // the zeros are there before another stream's copies
        Views = new WeightViews
        {
            Codes = _codes.View.BaseView,
            Scales = _scales?.View.BaseView ?? ArrayView<Quad>.Empty,
            Factors = _factors?.View.BaseView ?? ArrayView<ushort>.Empty,
            MinimumFactors = _minimumFactors?.View.BaseView ?? ArrayView<ushort>.Empty,
        };
    }

    private WeightBuffer(WeightBuffer whole, int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, whole.Outputs - first);
        Form = whole.Form;
        Outputs = count;
        Share = whole.Share;
        Inputs = whole.Inputs;
        Experts = 1;
        Layout = whole.Layout;
        long at = (long)first * Layout.Units;
        long units = (long)count * Layout.Units;
        Views = new WeightViews
        {
            Codes = Part(whole.Views.Codes, at, units, Form.CodeQuads()),
            Scales = Part(whole.Views.Scales, at, units, Form.ScaleQuads()),
            Factors = Part(whole.Views.Factors, at, units, Math.Min(1, Form.Factors())),
            MinimumFactors = Part(whole.Views.MinimumFactors, at, units, Form.Factors() / 2),
        };
    }

    /// <summary>Form.</summary>
    public WeightForm Form { get; }

    /// <summary>Outputs of one matrix.</summary>
    public int Outputs { get; }

    /// <summary>Inputs that lie here.</summary>
    public int Inputs { get; }

    /// <summary>Which inputs of the whole matrix these are.</summary>
    public InputShare Share { get; }

    /// <summary>Matrices.</summary>
    public int Experts { get; }

    /// <summary>How inputs are dealt to chains.</summary>
    public ChainLayout Layout { get; }

    /// <summary>The memory, as kernels take it.</summary>
    public WeightViews Views { get; }

    /// <summary>Bytes on the device.</summary>
    public long Bytes => BytesFor(Form, (long)Outputs * Experts, Share);

    /// <summary>Bytes that such a buffer takes, without allocating it.</summary>
    public static long BytesFor(WeightForm form, long outputs, InputShare share)
    {
        int unit = (16 * (form.CodeQuads() + form.ScaleQuads())) + (2 * form.Factors());
        return outputs * form.Layout(share).Units * unit;
    }

    /// <summary>Neighbouring outputs as a matrix of its own, in the same memory, which stays this one's.</summary>
    /// <param name="first">First output.</param>
    /// <param name="count">Outputs.</param>
    public WeightBuffer Rows(int first, int count) => new(this, first, count);

    /// <inheritdoc/>
    public void Dispose()
    {
        _codes?.Dispose();
        _scales?.Dispose();
        _factors?.Dispose();
        _minimumFactors?.Dispose();
    }

    private static ArrayView<T> Part<T>(ArrayView<T> view, long first, long units, int each)
        where T : unmanaged => each == 0 ? view : view.SubView(first * each, units * each);

    private static MemoryBuffer1D<T, Stride1D.Dense>? Allocate<T>(Accelerator accelerator, long length)
        where T : unmanaged
    {
        if (length == 0)
        {
            return null;
        }
        MemoryBuffer1D<T, Stride1D.Dense> buffer = accelerator.Allocate1D<T>(length);
        buffer.MemSetToZero();
        return buffer;
    }

    private void RequireSizes()
    {
        if (Form.IsInteger() && Share.AllInputs % Form.UnitInputs() != 0)
        {
            throw new ArgumentException(
                $"A matrix of '{Share.AllInputs}' inputs cannot be '{Form}'; allowed are multiples of '{Form.UnitInputs()}'.", nameof(Inputs));
        }
        if (Inputs < 1)
        {
            throw new ArgumentException(
                $"A matrix of '{Share.AllInputs}' inputs as '{Form}' has none in quarter '{Share.FirstQuarter}'; use fewer devices.", nameof(Inputs));
        }
        long quads = (long)Outputs * Experts * Layout.Units * Form.CodeQuads();
        if (quads > int.MaxValue)
        {
            throw new ArgumentException(
                $"A matrix of '{Experts} x {Outputs} x {Inputs}' has '{quads}' pieces of 16 bytes; allowed are '{int.MaxValue}'; use a smaller type.",
                nameof(Outputs));
        }
    }
}
