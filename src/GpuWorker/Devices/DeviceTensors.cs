using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Weights;
using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Devices;

/// <summary>
/// Turns tensors, whose shapes <see cref="GraphTensors"/> has checked, into buffers of a device, a tensor at a time and through small staging
/// buffers; a tensor's pages of the file are given back when it is packed. Everything is there after <see cref="Dispose"/>.
/// </summary>
/// <param name="file">The model.</param>
/// <param name="kernels">The device.</param>
/// <param name="threads">Threads that read and pack.</param>
/// <param name="totalBytes">Bytes of all tensors, for progress.</param>
/// <param name="progress">Told after every tensor.</param>
/// <param name="cancellation">Checked before every tensor.</param>
internal sealed unsafe class DeviceTensors(
    ModelFile file, DeviceKernels kernels, int threads, long totalBytes, IProgress<LoadProgress>? progress, CancellationToken cancellation) : IDisposable
{
    private const int VectorAlignment = 4;
    private readonly Accelerator _accelerator = kernels.Accelerator;
    private readonly PackThreads _threads = new(threads);
    private readonly WeightPacker _packer = new(kernels.Copies, threads);
    private long _doneBytes;

    /// <summary>Everything made; whoever takes the weights releases it.</summary>
    public List<IDisposable> Owned { get; } = [];

    /// <summary>Bytes on the device so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>A whole matrix.</summary>
    public WeightBuffer Matrix(string name) => Columns(name, default);

    /// <summary>All outputs of a matrix, with a device's share of the inputs.</summary>
    /// <param name="name">Tensor.</param>
    /// <param name="part">The device's part; the default for all.</param>
    public WeightBuffer Columns(string name, RankPart part)
    {
        GgufTensor tensor = Checked(name);
        WeightBuffer buffer = Allocate(WeightForms.Of(tensor.Type), (int)tensor.RowCount, part.Inputs((int)tensor.RowElements));
        Upload(buffer, 0, tensor, 0, (int)tensor.RowCount);
        Advance(tensor);
        return buffer;
    }

    /// <summary>Outputs of matrices of the same input as one matrix, where they have one form, else each by itself.</summary>
    public WeightBuffer[] Joined(params MatrixRows[] parts)
    {
        GgufTensor[] tensors = [.. parts.Select(part => Checked(part.Name))];
        if (tensors.Select(tensor => WeightForms.Of(tensor.Type)).Distinct().Count() > 1)
        {
            return [.. parts.SelectMany(part => Joined(part))];
        }
        WeightBuffer buffer = Allocate(WeightForms.Of(tensors[0].Type), parts.Sum(part => part.Count), (int)tensors[0].RowElements);
        long first = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            Upload(buffer, first, tensors[i], parts[i].First, parts[i].Count);
            first += parts[i].Count;
            Advance(tensors[i]);
        }
        return [buffer];
    }

    /// <summary>Outputs of gate and up as one matrix with alternating outputs, where they have one form, else each by itself.</summary>
    public WeightBuffer[] Alternating(MatrixRows gate, MatrixRows up)
    {
        GgufTensor gates = Checked(gate.Name);
        GgufTensor ups = Checked(up.Name);
        if (WeightForms.Of(gates.Type) != WeightForms.Of(ups.Type))
        {
            return [.. Joined(gate), .. Joined(up)];
        }
        WeightBuffer buffer = Allocate(WeightForms.Of(gates.Type), 2 * gate.Count, (int)gates.RowElements);
        UploadAlternating(buffer, 0, gates, gate.First, ups, up.First, gate.Count);
        Advance(gates);
        Advance(ups);
        return [buffer];
    }

    /// <summary>Matrices of all experts, from one tensor for all or one for each, with a device's share of the inputs.</summary>
    /// <param name="names">The tensors.</param>
    /// <param name="outputs">Outputs of one expert.</param>
    /// <param name="experts">Experts.</param>
    /// <param name="part">The device's part.</param>
    /// <exception cref="ModelFileException">Tensors of one layer have different types.</exception>
    public WeightBuffer Experts(string[] names, int outputs, int experts, RankPart part)
    {
        GgufTensor[] tensors = [.. names.Select(Checked)];
        WeightBuffer buffer = AllocateExperts(tensors, outputs, experts, part.Inputs((int)tensors[0].RowElements));
        long first = 0;
        foreach (GgufTensor tensor in tensors)
        {
            Upload(buffer, first, tensor, 0, (int)tensor.RowCount);
            first += tensor.RowCount;
            Advance(tensor);
        }
        return buffer;
    }

    /// <summary>Outputs of gate and up of all experts, alternating, each from one tensor for all or one for each.</summary>
    /// <param name="gateNames">Tensors of the gates.</param>
    /// <param name="upNames">Tensors of the ups.</param>
    /// <param name="outputs">Outputs of one gate in the file.</param>
    /// <param name="first">First of them to take.</param>
    /// <param name="count">How many.</param>
    /// <param name="experts">Experts.</param>
    /// <exception cref="ModelFileException">Tensors of one layer have different types.</exception>
    public WeightBuffer AlternatingExperts(string[] gateNames, string[] upNames, int outputs, int first, int count, int experts)
    {
        GgufTensor[] gates = [.. gateNames.Select(Checked)];
        GgufTensor[] ups = [.. upNames.Select(Checked)];
        WeightBuffer buffer = AllocateExperts([.. gates, .. ups], 2 * count, experts, (int)gates[0].RowElements);
        long next = 0;
        for (int i = 0; i < gates.Length; i++)
        {
            (GgufTensor gate, GgufTensor up) = (gates[i], ups[i]);
            for (long row = first; row < gate.RowCount; row += outputs, next += 2 * count)
            {
                UploadAlternating(buffer, next, gate, row, up, row, count);
            }
            Advance(gate);
            Advance(up);
        }
        return buffer;
    }

    /// <summary>A vector, empty when the file has none.</summary>
    public ArrayView<float> OptionalVector(string name) => file.TryGetTensor(name, out _) ? Vector(name) : ArrayView<float>.Empty;

    /// <summary>A part of a vector, padded with zeros; empty when the file has none.</summary>
    public ArrayView<float> OptionalVector(MatrixRows part) =>
        file.TryGetTensor(part.Name, out _) ? Upload(Values(part.Name).AsSpan(part.First, part.Count)) : ArrayView<float>.Empty;

    /// <summary>A vector, padded with zeros.</summary>
    public ArrayView<float> Vector(string name) => Upload(Values(name));

    /// <summary>The numbers of a vector.</summary>
    /// <exception cref="ModelFileException">It is of another type than F32, or has values that are not finite.</exception>
    public float[] Values(string name)
    {
        GgufTensor tensor = file.GetTensor(name);
        if (tensor.Type != GgmlType.F32)
        {
            throw new ModelFileException(file.Path, $"tensor '{name}', type", tensor.Type, "F32");
        }
        WeightChecks.RequireFinite(file, tensor, 0, tensor.RowCount);
        float[] values = new ReadOnlySpan<float>(file.GetPointer(tensor), (int)tensor.ElementCount).ToArray();
        Advance(tensor);
        return values;
    }

    /// <summary>Puts a vector on the device.</summary>
    public ArrayView<float> Upload(ReadOnlySpan<float> values)
    {
        int padded = (values.Length + VectorAlignment - 1) / VectorAlignment * VectorAlignment;
        MemoryBuffer1D<float, Stride1D.Dense> buffer = _accelerator.Allocate1D<float>(padded);
        Owned.Add(buffer);
        AcceleratorStream stream = _accelerator.DefaultStream;
        buffer.MemSetToZero(stream);
        stream.Synchronize();
        buffer.View.SubView(0, values.Length).BaseView.CopyFromCPU(stream, values);
        stream.Synchronize();
        Bytes += buffer.LengthInBytes;
        return buffer.View.BaseView;
    }

    /// <summary>Waits until everything is on the device, and frees the staging buffers.</summary>
    public void Dispose() => _packer.Dispose();

    private WeightBuffer AllocateExperts(GgufTensor[] tensors, int outputs, int experts, InputShare share)
    {
        GgmlType type = tensors[0].Type;
        GgufTensor? other = tensors.FirstOrDefault(tensor => WeightForms.Of(tensor.Type) != WeightForms.Of(type));
        return other is null
            ? Allocate(WeightForms.Of(type), outputs, share, experts)
            : throw new ModelFileException(file.Path, $"tensor '{other.Name}', type", other.Type, $"{type}, as '{tensors[0].Name}' has it");
    }

    private WeightBuffer Allocate(WeightForm form, int outputs, InputShare share, int experts = 1)
    {
        WeightBuffer buffer = new(_accelerator, form, outputs, share, experts);
        Owned.Add(buffer);
        Bytes += buffer.Bytes;
        return buffer;
    }

    private void Upload(WeightBuffer buffer, long firstOutput, GgufTensor tensor, long firstRow, int count) =>
        _packer.Upload(buffer, firstOutput, tensor.Type, file.GetPointer(tensor) + (firstRow * tensor.RowBytes), count);

    private void UploadAlternating(
        WeightBuffer buffer, long firstOutput, GgufTensor gate, long firstGate, GgufTensor up, long firstUp, int count) =>
        _packer.UploadAlternating(
            buffer,
            firstOutput,
            gate.Type,
            file.GetPointer(gate) + (firstGate * gate.RowBytes),
            up.Type,
            file.GetPointer(up) + (firstUp * up.RowBytes),
            count);

    private GgufTensor Checked(string name)
    {
        cancellation.ThrowIfCancellationRequested();
        GgufTensor tensor = file.GetTensor(name);
        if (!WeightMatrix.IsSupported(tensor.Type))
        {
            throw new ModelFileException(file.Path, $"tensor '{name}', type", tensor.Type, WeightMatrix.SupportedTypes);
        }
        _threads.Run(tensor.RowCount, (_, first, rows) => WeightChecks.RequireFinite(file, tensor, first, rows));
        return tensor;
    }

    private void Advance(GgufTensor tensor)
    {
        file.ReleasePages(tensor);
        _doneBytes += tensor.ByteLength;
        progress?.Report(new LoadProgress(Math.Min(_doneBytes, totalBytes), totalBytes));
    }
}
