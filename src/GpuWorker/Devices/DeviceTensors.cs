using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels.Weights;
using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Devices;

/// <summary>
/// Turns tensors, whose shapes <see cref="GraphTensors"/> has checked, into buffers of a device, a tensor at a time and through a small staging
/// buffer; a tensor's pages of the file are given back when it is there.
/// </summary>
internal sealed unsafe class DeviceTensors(
    ModelFile file, Accelerator accelerator, long totalBytes, IProgress<LoadProgress>? progress, CancellationToken cancellation)
{
    private const int VectorAlignment = 4;
    private readonly WeightPacker _packer = new(accelerator.DefaultStream);
    private long _doneBytes;

    /// <summary>Everything made; whoever takes the weights releases it.</summary>
    public List<IDisposable> Owned { get; } = [];

    /// <summary>Bytes on the device so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>A whole matrix.</summary>
    public WeightBuffer Matrix(string name)
    {
        GgufTensor tensor = Checked(name);
        WeightBuffer buffer = Allocate(WeightForms.Of(tensor.Type), (int)tensor.RowCount, (int)tensor.RowElements);
        _packer.Upload(buffer, 0, tensor.Type, file.GetPointer(tensor), (int)tensor.RowCount);
        Advance(tensor);
        return buffer;
    }

    /// <summary>Matrices of the same input as one, where they have one form, else each by itself.</summary>
    public WeightBuffer[] Joined(params string[] names)
    {
        GgufTensor[] tensors = [.. names.Select(Checked)];
        if (tensors.Select(tensor => WeightForms.Of(tensor.Type)).Distinct().Count() > 1)
        {
            return [.. names.Select(Matrix)];
        }
        WeightBuffer buffer = Allocate(WeightForms.Of(tensors[0].Type), (int)tensors.Sum(tensor => tensor.RowCount), (int)tensors[0].RowElements);
        long first = 0;
        foreach (GgufTensor tensor in tensors)
        {
            _packer.Upload(buffer, first, tensor.Type, file.GetPointer(tensor), (int)tensor.RowCount);
            first += tensor.RowCount;
            Advance(tensor);
        }
        return [buffer];
    }

    /// <summary>Gate and up as one matrix with alternating outputs, where they have one form, else each by itself.</summary>
    public WeightBuffer[] Alternating(string gateName, string upName)
    {
        GgufTensor gate = Checked(gateName);
        GgufTensor up = Checked(upName);
        if (WeightForms.Of(gate.Type) != WeightForms.Of(up.Type))
        {
            return [Matrix(gateName), Matrix(upName)];
        }
        WeightBuffer buffer = Allocate(WeightForms.Of(gate.Type), 2 * (int)gate.RowCount, (int)gate.RowElements);
        _packer.UploadAlternating(buffer, 0, gate.Type, file.GetPointer(gate), up.Type, file.GetPointer(up), (int)gate.RowCount);
        Advance(gate);
        Advance(up);
        return [buffer];
    }

    /// <summary>One tensor that has all gates, then all ups, as one matrix with alternating outputs.</summary>
    public WeightBuffer AlternatingHalves(string name)
    {
        GgufTensor tensor = Checked(name);
        int half = (int)tensor.RowCount / 2;
        WeightBuffer buffer = Allocate(WeightForms.Of(tensor.Type), 2 * half, (int)tensor.RowElements);
        byte* data = file.GetPointer(tensor);
        _packer.UploadAlternating(buffer, 0, tensor.Type, data, tensor.Type, data + (half * tensor.RowBytes), half);
        Advance(tensor);
        return buffer;
    }

    /// <summary>Matrices of all experts, from one tensor for all or one for each.</summary>
    /// <param name="names">The tensors.</param>
    /// <param name="outputs">Outputs of one expert.</param>
    /// <param name="experts">Experts.</param>
    /// <exception cref="ModelFileException">Tensors of one layer have different types.</exception>
    public WeightBuffer Experts(string[] names, int outputs, int experts)
    {
        GgufTensor[] tensors = [.. names.Select(Checked)];
        WeightBuffer buffer = AllocateExperts(tensors, outputs, experts);
        long first = 0;
        foreach (GgufTensor tensor in tensors)
        {
            _packer.Upload(buffer, first, tensor.Type, file.GetPointer(tensor), (int)tensor.RowCount);
            first += tensor.RowCount;
            Advance(tensor);
        }
        return buffer;
    }

    /// <summary>Gate and up of all experts with alternating outputs, each from one tensor for all or one for each.</summary>
    /// <param name="gateNames">Tensors of the gates.</param>
    /// <param name="upNames">Tensors of the ups.</param>
    /// <param name="outputs">Outputs of one gate.</param>
    /// <param name="experts">Experts.</param>
    /// <exception cref="ModelFileException">Tensors of one layer have different types.</exception>
    public WeightBuffer AlternatingExperts(string[] gateNames, string[] upNames, int outputs, int experts)
    {
        GgufTensor[] gates = [.. gateNames.Select(Checked)];
        GgufTensor[] ups = [.. upNames.Select(Checked)];
        WeightBuffer buffer = AllocateExperts([.. gates, .. ups], 2 * outputs, experts);
        long first = 0;
        for (int i = 0; i < gates.Length; i++)
        {
            (GgufTensor gate, GgufTensor up) = (gates[i], ups[i]);
            _packer.UploadAlternating(buffer, first, gate.Type, file.GetPointer(gate), up.Type, file.GetPointer(up), (int)gate.RowCount);
            first += 2 * gate.RowCount;
            Advance(gate);
            Advance(up);
        }
        return buffer;
    }

    /// <summary>A vector, empty when the file has none.</summary>
    public ArrayView<float> OptionalVector(string name) => file.TryGetTensor(name, out _) ? Vector(name) : ArrayView<float>.Empty;

    /// <summary>A vector, padded with zeros.</summary>
    public ArrayView<float> Vector(string name) => Upload(Values(name));

    /// <summary>A vector cut into pieces, each padded.</summary>
    public ArrayView<float>[] Vectors(string name, params int[] lengths)
    {
        float[] values = Values(name);
        var pieces = new ArrayView<float>[lengths.Length];
        int first = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            pieces[i] = Upload(values[first..(first + lengths[i])]);
            first += lengths[i];
        }
        return pieces;
    }

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
        MemoryBuffer1D<float, Stride1D.Dense> buffer = accelerator.Allocate1D<float>(padded);
        Owned.Add(buffer);
        buffer.MemSetToZero();
        accelerator.Synchronize();
        buffer.View.SubView(0, values.Length).BaseView.CopyFromCPU(accelerator.DefaultStream, values);
        accelerator.Synchronize();
        Bytes += buffer.LengthInBytes;
        return buffer.View.BaseView;
    }

    private WeightBuffer AllocateExperts(GgufTensor[] tensors, int outputs, int experts)
    {
        GgmlType type = tensors[0].Type;
        GgufTensor? other = tensors.FirstOrDefault(tensor => WeightForms.Of(tensor.Type) != WeightForms.Of(type));
        return other is null
            ? Allocate(WeightForms.Of(type), outputs, (int)tensors[0].RowElements, experts)
            : throw new ModelFileException(file.Path, $"tensor '{other.Name}', type", other.Type, $"{type}, as '{tensors[0].Name}' has it");
    }

    private WeightBuffer Allocate(WeightForm form, int outputs, int inputs, int experts = 1)
    {
        WeightBuffer buffer = new(accelerator, form, outputs, inputs, experts);
        Owned.Add(buffer);
        Bytes += buffer.Bytes;
        return buffer;
    }

    private GgufTensor Checked(string name)
    {
        cancellation.ThrowIfCancellationRequested();
        GgufTensor tensor = file.GetTensor(name);
        if (!WeightMatrix.IsSupported(tensor.Type))
        {
            throw new ModelFileException(file.Path, $"tensor '{name}', type", tensor.Type, WeightMatrix.SupportedTypes);
        }
        WeightChecks.RequireFinite(file, tensor, 0, tensor.RowCount);
        return tensor;
    }

    private void Advance(GgufTensor tensor)
    {
        file.ReleasePages(tensor);
        _doneBytes += tensor.ByteLength;
        progress?.Report(new LoadProgress(Math.Min(_doneBytes, totalBytes), totalBytes));
    }
}
