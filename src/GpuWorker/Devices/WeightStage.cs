using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Weights;

namespace Winnow.GpuWorker.Devices;

/// <summary>Packed rows in pinned memory on their way to a device. Grows, never shrinks.</summary>
internal sealed class WeightStage(AcceleratorStream stream) : IDisposable
{
    private readonly StreamMark _sent = StreamMark.For(stream.Accelerator);
    private PageLockedArray1D<Quad>? _codes;
    private PageLockedArray1D<Quad>? _scales;
    private PageLockedArray1D<ushort>? _factors;
    private PageLockedArray1D<ushort>? _minimumFactors;

    /// <summary>Codes of the rows.</summary>
    public Span<Quad> Codes => _codes!.Span;

    /// <summary>Scales of parts of super-blocks.</summary>
    public Span<Quad> Scales => _scales!.Span;

    /// <summary>Scales of units.</summary>
    public Span<ushort> Factors => _factors!.Span;

    /// <summary>Scales of the units' minima.</summary>
    public Span<ushort> MinimumFactors => _minimumFactors!.Span;

    /// <summary>Waits until what was sent from here has gone, makes room for units of a form and fills it with zeros.</summary>
    public void Begin(WeightForm form, int units)
    {
        _sent.Wait();
        Grow(ref _codes, units * form.CodeQuads());
        Grow(ref _scales, units * form.ScaleQuads());
        Grow(ref _factors, units);
        Grow(ref _minimumFactors, units);
    }

    /// <summary>Starts copying units to a matrix.</summary>
    public void Send(WeightBuffer target, long firstUnit, int units)
    {
        Copy(target.Views.Codes, firstUnit, units, target.Form.CodeQuads(), _codes!);
        Copy(target.Views.Scales, firstUnit, units, target.Form.ScaleQuads(), _scales!);
        Copy(target.Views.Factors, firstUnit, units, Math.Min(1, target.Form.Factors()), _factors!);
        Copy(target.Views.MinimumFactors, firstUnit, units, target.Form.Factors() / 2, _minimumFactors!);
        _sent.Set(stream);
    }

    /// <summary>Frees the memory; everything sent has arrived.</summary>
    public void Dispose()
    {
        _sent.Dispose();
        _codes?.Dispose();
        _scales?.Dispose();
        _factors?.Dispose();
        _minimumFactors?.Dispose();
    }

    private void Grow<T>(ref PageLockedArray1D<T>? array, int length)
        where T : unmanaged
    {
        if (array is null || array.Length < length)
        {
            array?.Dispose();
            array = null;
            array = stream.Accelerator.AllocatePageLocked1D<T>(Math.Max(1, length));
        }
        array.Span[..length].Clear();
    }

    private void Copy<T>(ArrayView<T> view, long firstUnit, int units, int each, PageLockedArray1D<T> data)
        where T : unmanaged
    {
        if (each > 0)
        {
            view.SubView(firstUnit * each, (long)units * each).CopyFrom(stream, data.ArrayView.SubView(0, (long)units * each));
        }
    }
}
