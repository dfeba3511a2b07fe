using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Devices;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Activations;
using Winnow.GpuWorker.Kernels.Products;
using Winnow.GpuWorker.Kernels.Weights;
using Winnow.Inference.Files;

namespace Winnow.KernelBench;

/// <summary>Products of prepared rows with matrices of every form: by memory for few rows, by arithmetic for many.</summary>
internal sealed unsafe class ProductFigures(Accelerator accelerator, BenchSizes sizes, Ceilings ceilings, DeviceTimer timer) : IDisposable
{
    private const double VectorGoal = 0.8;
    private const double HalfMatrixGoal = 0.25;
    private const double ByteMatrixGoal = 0.15;
    private const int PatternBytes = 1 << 20;
    private readonly MatMulOp _products = new(accelerator);
    private readonly PrepareOp _prepare = new(accelerator);
    private readonly WeightPacker _packer = new(accelerator.DefaultStream, Environment.ProcessorCount);

    private AcceleratorStream Stream => accelerator.DefaultStream;

    /// <summary>Measures everything.</summary>
    /// <param name="progress">Told what is measured.</param>
    public IEnumerable<Figure> Run(Action<string> progress)
    {
        foreach (WeightForm form in (WeightForm[])[WeightForm.Q4_0, WeightForm.Q8_0, WeightForm.Q4_K, WeightForm.Q6_K, WeightForm.F16, WeightForm.BF16])
        {
            progress($"products with {form}");
            foreach ((int outputs, int inputs) in sizes.Vectors)
            {
                yield return Few(form, 1, outputs, inputs, form is WeightForm.Q4_0 or WeightForm.Q8_0 ? VectorGoal : null);
            }
            (int Outputs, int Inputs) several = sizes.Vectors[Math.Min(1, sizes.Vectors.Count - 1)];
            foreach (int rows in sizes.FewRows)
            {
                yield return Few(form, rows, several.Outputs, several.Inputs, null);
            }
            foreach ((int outputs, int inputs) in sizes.Matrices)
            {
                yield return Many(form, outputs, inputs);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _packer.Dispose();
        _products.Dispose();
    }

    private Figure Few(WeightForm form, int rows, int outputs, int inputs, double? goal)
    {
        IReadOnlyList<TimeSpan> times = Time(form, rows, outputs, inputs);
        string what = rows == 1 ? $"GEMV, {outputs} x {inputs}" : $"{rows} rows, {outputs} x {inputs}";
        return Figure.From(what, form.ToString(), times, WeightBuffer.BytesFor(form, outputs, inputs), "GB/s").Under(ceilings, goal);
    }

    private Figure Many(WeightForm form, int outputs, int inputs)
    {
        IReadOnlyList<TimeSpan> times = Time(form, sizes.ManyRows, outputs, inputs);
        double? goal = form switch { WeightForm.F16 => HalfMatrixGoal, WeightForm.Q8_0 => ByteMatrixGoal, _ => null };
        return Figure.From($"GEMM, {sizes.ManyRows} rows, {outputs} x {inputs}", form.ToString(), times, 2.0 * sizes.ManyRows * outputs * inputs, "TFLOP/s")
            .Under(ceilings, goal);
    }

    private IReadOnlyList<TimeSpan> Time(WeightForm form, int rows, int outputs, int inputs)
    {
        long bytes = WeightBuffer.BytesFor(form, outputs, inputs);
        WeightBuffer[] matrices = [.. Enumerable.Range(0, (int)((sizes.DataBytes + bytes - 1) / bytes)).Select(_ => new WeightBuffer(accelerator, form, outputs, inputs))];
        int stride = RowsView.StrideOf(Math.Max(outputs, inputs));
        using MemoryBuffer1D<float, Stride1D.Dense> input = accelerator.Allocate1D<float>((long)rows * stride);
        using MemoryBuffer1D<float, Stride1D.Dense> output = accelerator.Allocate1D<float>((long)rows * stride);
        using ActivationBuffer prepared = new(accelerator, rows, inputs, form.Input());
        try
        {
            Fill(matrices);
            input.View.BaseView.CopyFromCPU(Stream, RandomRows(rows * stride));
            _prepare.Plain(Stream, new RowsView(input.View, inputs, stride), rows, prepared, form.Input());
            RowsView results = new(output.View, outputs, stride);
            int launches = rows == sizes.ManyRows ? sizes.LeastLaunches : Math.Clamp(matrices.Length, sizes.LeastLaunches, sizes.MostLaunches);
            return timer.Measure(launches, i => _products.Run(Stream, matrices[i % matrices.Length], prepared, rows, results));
        }
        finally
        {
            Array.ForEach(matrices, matrix => matrix.Dispose());
        }
    }

    // The first is packed from a megabyte of random rows, again and again; the others are copies of it.
    private void Fill(WeightBuffer[] matrices)
    {
        WeightBuffer first = matrices[0];
        GgmlType type = BlockConversion.NativeType(first.Form);
        long rowBytes = type.RowBytes(first.Inputs);
        int rows = (int)Math.Clamp(PatternBytes / rowBytes, 1, first.Outputs);
        byte[] pattern = new byte[rows * rowBytes];
        Random random = new(1);
        for (int at = 0; at < pattern.Length; at += type.BlockBytes())
        {
            RandomWeights.Fill(type, pattern.AsSpan(at, type.BlockBytes()), random, 1 / MathF.Sqrt(first.Inputs));
        }
        fixed (byte* start = pattern)
        {
            for (int output = 0; output < first.Outputs; output += rows)
            {
                _packer.Upload(first, output, type, start, Math.Min(rows, first.Outputs - output));
            }
        }
        foreach (WeightBuffer matrix in matrices.AsSpan(1))
        {
            Copy(first.Views.Codes, matrix.Views.Codes);
            Copy(first.Views.Scales, matrix.Views.Scales);
            Copy(first.Views.Factors, matrix.Views.Factors);
            Copy(first.Views.MinimumFactors, matrix.Views.MinimumFactors);
        }
    }

    private void Copy<T>(ArrayView<T> source, ArrayView<T> target)
        where T : unmanaged
    {
        if (source.Length > 0)
        {
            source.CopyTo(Stream, target);
        }
    }

    private static float[] RandomRows(int count)
    {
        Random random = new(2);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = RandomWeights.Gaussian(random);
        }
        return values;
    }
}
