using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>Turns tensors, whose shapes <see cref="GraphTensors"/> has checked, into weights, and keeps what it made.</summary>
/// <remarks>
/// Every thread of the pool checks and packs: a panel's rows are read once from the file and looked at a second time in the cache. What has
/// been copied is given back to the system's file cache, so that weights are not resident twice.
/// </remarks>
internal sealed unsafe class TensorLoader(
    ModelFile file, WorkerPool pool, long totalBytes, IProgress<LoadProgress>? progress, CancellationToken cancellation)
{
    private readonly PanelLoading _panels = new(file);

    /// <summary>Everything made; whoever takes the weights releases it.</summary>
    public List<IDisposable> Owned { get; } = [];

    /// <summary>Bytes of the tensors loaded.</summary>
    public long DoneBytes { get; private set; }

    /// <summary>The rows of a tensor of any supported type, in place.</summary>
    public byte* Rows(GgufTensor tensor)
    {
        RequireSupported(tensor);
        _panels.Go(pool, tensor, 0, (int)tensor.RowCount, matrix: null);
        Advance(tensor);
        return file.GetPointer(tensor);
    }

    /// <summary>A whole matrix.</summary>
    public WeightMatrix Matrix(string name) => Matrices(name, (int)file.GetTensor(name).RowCount)[0];

    /// <summary>A tensor cut into matrices of so many rows each: experts, or projections in one tensor.</summary>
    /// <param name="name">Tensor.</param>
    /// <param name="rows">Rows of every matrix; together no more than the tensor has. One count stands for as many matrices as there are.</param>
    public WeightMatrix[] Matrices(string name, params int[] rows)
    {
        GgufTensor tensor = file.GetTensor(name);
        RequireSupported(tensor);
        int count = rows.Length == 1 ? (int)(tensor.RowCount / rows[0]) : rows.Length;
        WeightMatrix[] matrices = new WeightMatrix[count];
        long firstRow = 0;
        for (int i = 0; i < count; i++)
        {
            int own = rows[rows.Length == 1 ? 0 : i];
            cancellation.ThrowIfCancellationRequested();
            Owned.Add(matrices[i] = WeightMatrix.Allocate(tensor.Type, own, (int)tensor.RowElements));
            _panels.Go(pool, tensor, firstRow, own, matrices[i]);
            firstRow += own;
        }
        Advance(tensor);
        return matrices;
    }

    /// <summary>A vector if the file has it, else null.</summary>
    public float* OptionalVector(string name) => file.TryGetTensor(name, out _) ? Vector(name) : null;

    /// <summary>A vector, padded.</summary>
    public float* Vector(string name) => Vectors(name, (int)file.GetTensor(name).ElementCount)[0];

    /// <summary>A vector cut into pieces, each padded.</summary>
    public float*[] Vectors(string name, params int[] lengths)
    {
        GgufTensor tensor = file.GetTensor(name);
        if (tensor.Type != GgmlType.F32)
        {
            throw new ModelFileException(file.Path, $"tensor '{name}', type", tensor.Type, "F32");
        }
        WeightChecks.RequireFinite(file, tensor, 0, tensor.RowCount);
        float*[] vectors = new float*[lengths.Length];
        byte* data = file.GetPointer(tensor);
        for (int i = 0; i < lengths.Length; i++)
        {
            long bytes = (long)lengths[i] * sizeof(float);
            NativeBuffer buffer = new((bytes + 63) & ~63L);
            Owned.Add(buffer);
            Buffer.MemoryCopy(data, buffer.Pointer, buffer.Bytes, bytes);
            vectors[i] = (float*)buffer.Pointer;
            data += bytes;
        }
        Advance(tensor);
        return vectors;
    }

    private void RequireSupported(GgufTensor tensor)
    {
        if (!WeightMatrix.IsSupported(tensor.Type))
        {
            throw new ModelFileException(file.Path, $"tensor '{tensor.Name}', type", tensor.Type, WeightMatrix.SupportedTypes);
        }
    }

    private void Advance(GgufTensor tensor)
    {
        cancellation.ThrowIfCancellationRequested();
        file.ReleasePages(tensor);
        DoneBytes += tensor.ByteLength;
        progress?.Report(new LoadProgress(Math.Min(DoneBytes, totalBytes), totalBytes));
    }
}
