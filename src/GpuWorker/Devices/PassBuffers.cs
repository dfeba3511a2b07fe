using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Attention;

namespace Winnow.GpuWorker.Devices;

/// <summary>
/// What a pass that is under way has on a device for itself, while another computes: the integers, angles and hidden states that came with it, and in
/// the end its hidden states. They move on a stream of their own beside the kernels.
/// </summary>
/// <param name="accelerator">The device.</param>
/// <param name="ropes">The rotations of its layers.</param>
/// <param name="kernels">Where kernels are launched.</param>
/// <param name="copies">Where copies are.</param>
/// <param name="traffic">Counts what is fetched.</param>
internal sealed class PassBuffers(Accelerator accelerator, RopeAngles[] ropes, AcceleratorStream kernels, AcceleratorStream copies, HostTraffic traffic) : IDisposable
{
    private readonly Staging<int> _ints = new(accelerator);
    private readonly Staging<float>[] _angles = [.. ropes.Select(_ => new Staging<float>(accelerator))];
    private readonly Staging<float> _rows = new(accelerator, traffic);
    private readonly StreamMark _sent = StreamMark.For(accelerator);
    private readonly StreamMark _computed = StreamMark.For(accelerator);

    /// <summary>What is known of the rows.</summary>
    public ArrayView<int> Ints => _ints.Device;

    /// <summary>Cosines and sines of one of the rotations.</summary>
    public ArrayView<float> Angles(int rope) => _angles[rope].Device;

    /// <summary>Sends what is known of the rows, and their hidden states if there are any; kernels launched later find them.</summary>
    /// <param name="pass">What is known.</param>
    /// <param name="input">Hidden states (T x C), or nothing.</param>
    /// <param name="hidden">Where the hidden states go.</param>
    public void Send(PassMetadata pass, ReadOnlySpan<float> input, in RowsView hidden)
    {
        ReadOnlySpan<int> data = pass.Data;
        _ints.Reserve(data.Length);
        data.CopyTo(_ints.Host);
        _ints.Send(copies, data.Length);
        for (int i = 0; i < _angles.Length; i++)
        {
            int count = pass.RowCount * ropes[i].RowFloats;
            _angles[i].Reserve(count);
            ropes[i].Write(pass, _angles[i].Host);
            _angles[i].Send(copies, count);
        }
        long floats = input.Length == 0 ? 0 : (long)pass.RowCount * hidden.Stride;
        if (floats > 0)
        {
            _rows.Reserve(floats);
            Spread(input, hidden.Width, _rows.Host, hidden.Stride);
            _rows.Send(copies, (int)floats);
        }
        _sent.Set(copies);
        _sent.HoldBack(kernels);
        if (floats > 0)
        {
            hidden.Values.SubView(0, floats).CopyFrom(kernels, _rows.Device.SubView(0, floats));
        }
    }

    /// <summary>Everything of the pass is launched; its hidden states are kept, so that another may compute over them.</summary>
    /// <param name="hidden">Hidden states.</param>
    /// <param name="rows">How many are asked for; on devices that nobody asks, none.</param>
    public void Keep(in RowsView hidden, int rows)
    {
        long floats = (long)rows * hidden.Stride;
        if (floats > 0)
        {
            _rows.Reserve(floats);
            hidden.Values.SubView(0, floats).CopyTo(kernels, _rows.Device.SubView(0, floats));
        }
        _computed.Set(kernels);
    }

    /// <summary>Waits for the pass.</summary>
    public void Wait() => _computed.Wait();

    /// <summary>Waits for the pass and fetches the hidden states that were kept.</summary>
    /// <param name="floats">Their number, gaps included.</param>
    /// <returns>They; valid until the next pass in these buffers.</returns>
    public ReadOnlySpan<float> Fetch(long floats)
    {
        _computed.HoldBack(copies);
        _rows.Fetch(copies, _rows.Device.SubView(0, floats));
        copies.Synchronize();
        return _rows.Host[..(int)floats];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ints.Dispose();
        Array.ForEach(_angles, angles => angles.Dispose());
        _rows.Dispose();
        _sent.Dispose();
        _computed.Dispose();
    }

    private static void Spread(ReadOnlySpan<float> source, int width, Span<float> target, int stride)
    {
        for (; source.Length > 0; source = source[width..], target = target[stride..])
        {
            source[..width].CopyTo(target);
        }
    }
}
