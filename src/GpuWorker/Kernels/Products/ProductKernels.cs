using ILGPU;
using EightRows = Winnow.GpuWorker.Kernels.Products.TwiceRows<
    Winnow.GpuWorker.Kernels.Products.TwiceRows<Winnow.GpuWorker.Kernels.Products.TwiceRows<Winnow.GpuWorker.Kernels.Products.OneRow>>>;
using FourRows = Winnow.GpuWorker.Kernels.Products.TwiceRows<
    Winnow.GpuWorker.Kernels.Products.TwiceRows<Winnow.GpuWorker.Kernels.Products.OneRow>>;
using TwoRows = Winnow.GpuWorker.Kernels.Products.TwiceRows<Winnow.GpuWorker.Kernels.Products.OneRow>;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>The entry points of products, closed over every form; see <see cref="FewRows"/> and <see cref="ManyRows"/>.</summary>
internal static class ProductKernels
{
    /// <summary>Few rows, exact integers.</summary>
    [Kernel("matmul1_q8_q4_0_f32", typeof(Q4Form), typeof(PortableMath), typeof(OneRow), WideLoads = true)]
    [Kernel("matmul1_q8_q8_0_f32", typeof(Q8Form), typeof(PortableMath), typeof(OneRow), WideLoads = true)]
    [Kernel("matmul1_q8_q4k_f32", typeof(Q4SuperForm), typeof(PortableMath), typeof(OneRow), WideLoads = true)]
    [Kernel("matmul1_q8_q6k_f32", typeof(Q6SuperForm), typeof(PortableMath), typeof(OneRow), WideLoads = true)]
    [Kernel("matmul2_q8_q4_0_f32", typeof(Q4Form), typeof(PortableMath), typeof(TwoRows), WideLoads = true)]
    [Kernel("matmul2_q8_q8_0_f32", typeof(Q8Form), typeof(PortableMath), typeof(TwoRows), WideLoads = true)]
    [Kernel("matmul2_q8_q4k_f32", typeof(Q4SuperForm), typeof(PortableMath), typeof(TwoRows), WideLoads = true)]
    [Kernel("matmul2_q8_q6k_f32", typeof(Q6SuperForm), typeof(PortableMath), typeof(TwoRows), WideLoads = true)]
    [Kernel("matmul4_q8_q4_0_f32", typeof(Q4Form), typeof(PortableMath), typeof(FourRows), WideLoads = true)]
    [Kernel("matmul4_q8_q8_0_f32", typeof(Q8Form), typeof(PortableMath), typeof(FourRows), WideLoads = true)]
    [Kernel("matmul4_q8_q4k_f32", typeof(Q4SuperForm), typeof(PortableMath), typeof(FourRows), WideLoads = true)]
    [Kernel("matmul4_q8_q6k_f32", typeof(Q6SuperForm), typeof(PortableMath), typeof(FourRows), WideLoads = true)]
    [Kernel("matmul8_q8_q4_0_f32", typeof(Q4Form), typeof(PortableMath), typeof(EightRows), WideLoads = true)]
    [Kernel("matmul8_q8_q8_0_f32", typeof(Q8Form), typeof(PortableMath), typeof(EightRows), WideLoads = true)]
    [Kernel("matmul8_q8_q4k_f32", typeof(Q4SuperForm), typeof(PortableMath), typeof(EightRows), WideLoads = true)]
    [Kernel("matmul8_q8_q6k_f32", typeof(Q6SuperForm), typeof(PortableMath), typeof(EightRows), WideLoads = true)]
    [Kernel("matmul1_q8_q4_0_f32_cuda", typeof(Q4Form), typeof(CudaMath), typeof(OneRow), WideLoads = true)]
    [Kernel("matmul1_q8_q8_0_f32_cuda", typeof(Q8Form), typeof(CudaMath), typeof(OneRow), WideLoads = true)]
    [Kernel("matmul1_q8_q4k_f32_cuda", typeof(Q4SuperForm), typeof(CudaMath), typeof(OneRow), WideLoads = true)]
    [Kernel("matmul1_q8_q6k_f32_cuda", typeof(Q6SuperForm), typeof(CudaMath), typeof(OneRow), WideLoads = true)]
    [Kernel("matmul2_q8_q4_0_f32_cuda", typeof(Q4Form), typeof(CudaMath), typeof(TwoRows), WideLoads = true)]
    [Kernel("matmul2_q8_q8_0_f32_cuda", typeof(Q8Form), typeof(CudaMath), typeof(TwoRows), WideLoads = true)]
    [Kernel("matmul2_q8_q4k_f32_cuda", typeof(Q4SuperForm), typeof(CudaMath), typeof(TwoRows), WideLoads = true)]
    [Kernel("matmul2_q8_q6k_f32_cuda", typeof(Q6SuperForm), typeof(CudaMath), typeof(TwoRows), WideLoads = true)]
    [Kernel("matmul4_q8_q4_0_f32_cuda", typeof(Q4Form), typeof(CudaMath), typeof(FourRows), WideLoads = true)]
    [Kernel("matmul4_q8_q8_0_f32_cuda", typeof(Q8Form), typeof(CudaMath), typeof(FourRows), WideLoads = true)]
    [Kernel("matmul4_q8_q4k_f32_cuda", typeof(Q4SuperForm), typeof(CudaMath), typeof(FourRows), WideLoads = true)]
    [Kernel("matmul4_q8_q6k_f32_cuda", typeof(Q6SuperForm), typeof(CudaMath), typeof(FourRows), WideLoads = true)]
    [Kernel("matmul8_q8_q4_0_f32_cuda", typeof(Q4Form), typeof(CudaMath), typeof(EightRows), WideLoads = true)]
    [Kernel("matmul8_q8_q8_0_f32_cuda", typeof(Q8Form), typeof(CudaMath), typeof(EightRows), WideLoads = true)]
    [Kernel("matmul8_q8_q4k_f32_cuda", typeof(Q4SuperForm), typeof(CudaMath), typeof(EightRows), WideLoads = true)]
    [Kernel("matmul8_q8_q6k_f32_cuda", typeof(Q6SuperForm), typeof(CudaMath), typeof(EightRows), WideLoads = true)]
    public static void FewIntegers<TForm, TMath, TRows>(ProductArguments arguments)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath
        where TRows : unmanaged, IRowSums<TRows>
    {
        int row = Grid.IdxX * TRows.Rows;
        FewRows.Integers<TForm, TMath, TRows>(arguments, 0, row, row);
    }

    /// <summary>Few rows, floats.</summary>
    [Kernel("matmul1_f32_f16_f32", typeof(HalfForm), typeof(PortableMath), typeof(OneRow), WideLoads = true)]
    [Kernel("matmul1_f32_bf16_f32", typeof(BrainForm), typeof(PortableMath), typeof(OneRow), WideLoads = true)]
    [Kernel("matmul1_f32_f32_f32", typeof(FloatForm), typeof(PortableMath), typeof(OneRow), WideLoads = true)]
    [Kernel("matmul2_f32_f16_f32", typeof(HalfForm), typeof(PortableMath), typeof(TwoRows), WideLoads = true)]
    [Kernel("matmul2_f32_bf16_f32", typeof(BrainForm), typeof(PortableMath), typeof(TwoRows), WideLoads = true)]
    [Kernel("matmul2_f32_f32_f32", typeof(FloatForm), typeof(PortableMath), typeof(TwoRows), WideLoads = true)]
    [Kernel("matmul4_f32_f16_f32", typeof(HalfForm), typeof(PortableMath), typeof(FourRows), WideLoads = true)]
    [Kernel("matmul4_f32_bf16_f32", typeof(BrainForm), typeof(PortableMath), typeof(FourRows), WideLoads = true)]
    [Kernel("matmul4_f32_f32_f32", typeof(FloatForm), typeof(PortableMath), typeof(FourRows), WideLoads = true)]
    [Kernel("matmul8_f32_f16_f32", typeof(HalfForm), typeof(PortableMath), typeof(EightRows), WideLoads = true)]
    [Kernel("matmul8_f32_bf16_f32", typeof(BrainForm), typeof(PortableMath), typeof(EightRows), WideLoads = true)]
    [Kernel("matmul8_f32_f32_f32", typeof(FloatForm), typeof(PortableMath), typeof(EightRows), WideLoads = true)]
    [Kernel("matmul1_f32_f16_f32_cuda", typeof(HalfForm), typeof(CudaMath), typeof(OneRow), WideLoads = true)]
    [Kernel("matmul1_f32_bf16_f32_cuda", typeof(BrainForm), typeof(CudaMath), typeof(OneRow), WideLoads = true)]
    [Kernel("matmul1_f32_f32_f32_cuda", typeof(FloatForm), typeof(CudaMath), typeof(OneRow), WideLoads = true)]
    [Kernel("matmul2_f32_f16_f32_cuda", typeof(HalfForm), typeof(CudaMath), typeof(TwoRows), WideLoads = true)]
    [Kernel("matmul2_f32_bf16_f32_cuda", typeof(BrainForm), typeof(CudaMath), typeof(TwoRows), WideLoads = true)]
    [Kernel("matmul2_f32_f32_f32_cuda", typeof(FloatForm), typeof(CudaMath), typeof(TwoRows), WideLoads = true)]
    [Kernel("matmul4_f32_f16_f32_cuda", typeof(HalfForm), typeof(CudaMath), typeof(FourRows), WideLoads = true)]
    [Kernel("matmul4_f32_bf16_f32_cuda", typeof(BrainForm), typeof(CudaMath), typeof(FourRows), WideLoads = true)]
    [Kernel("matmul4_f32_f32_f32_cuda", typeof(FloatForm), typeof(CudaMath), typeof(FourRows), WideLoads = true)]
    [Kernel("matmul8_f32_f16_f32_cuda", typeof(HalfForm), typeof(CudaMath), typeof(EightRows), WideLoads = true)]
    [Kernel("matmul8_f32_bf16_f32_cuda", typeof(BrainForm), typeof(CudaMath), typeof(EightRows), WideLoads = true)]
    [Kernel("matmul8_f32_f32_f32_cuda", typeof(FloatForm), typeof(CudaMath), typeof(EightRows), WideLoads = true)]
    public static void FewFloats<TForm, TMath, TRows>(ProductArguments arguments)
        where TForm : struct, IFloatForm
        where TMath : struct, IDeviceMath
        where TRows : unmanaged, IRowSums<TRows>
    {
        int row = Grid.IdxX * TRows.Rows;
        FewRows.Floats<TForm, TMath, TRows>(arguments, 0, row, row);
    }

    /// <summary>Rows that are multiplied with an expert each, exact integers.</summary>
    [Kernel("experts_q8_q4_0_f32", typeof(Q4Form), typeof(PortableMath), WideLoads = true)]
    [Kernel("experts_q8_q8_0_f32", typeof(Q8Form), typeof(PortableMath), WideLoads = true)]
    [Kernel("experts_q8_q4k_f32", typeof(Q4SuperForm), typeof(PortableMath), WideLoads = true)]
    [Kernel("experts_q8_q6k_f32", typeof(Q6SuperForm), typeof(PortableMath), WideLoads = true)]
    [Kernel("experts_q8_q4_0_f32_cuda", typeof(Q4Form), typeof(CudaMath), WideLoads = true)]
    [Kernel("experts_q8_q8_0_f32_cuda", typeof(Q8Form), typeof(CudaMath), WideLoads = true)]
    [Kernel("experts_q8_q4k_f32_cuda", typeof(Q4SuperForm), typeof(CudaMath), WideLoads = true)]
    [Kernel("experts_q8_q6k_f32_cuda", typeof(Q6SuperForm), typeof(CudaMath), WideLoads = true)]
    public static void ExpertIntegers<TForm, TMath>(ProductArguments arguments)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath =>
        FewRows.Integers<TForm, TMath, OneRow>(
            arguments, arguments.Experts[Grid.IdxX] * arguments.Outputs, Grid.IdxX / arguments.ResultsPerRow, Grid.IdxX);

    /// <summary>Rows that are multiplied with an expert each, floats.</summary>
    [Kernel("experts_f32_f16_f32", typeof(HalfForm), typeof(PortableMath), WideLoads = true)]
    [Kernel("experts_f32_bf16_f32", typeof(BrainForm), typeof(PortableMath), WideLoads = true)]
    [Kernel("experts_f32_f32_f32", typeof(FloatForm), typeof(PortableMath), WideLoads = true)]
    [Kernel("experts_f32_f16_f32_cuda", typeof(HalfForm), typeof(CudaMath), WideLoads = true)]
    [Kernel("experts_f32_bf16_f32_cuda", typeof(BrainForm), typeof(CudaMath), WideLoads = true)]
    [Kernel("experts_f32_f32_f32_cuda", typeof(FloatForm), typeof(CudaMath), WideLoads = true)]
    public static void ExpertFloats<TForm, TMath>(ProductArguments arguments)
        where TForm : struct, IFloatForm
        where TMath : struct, IDeviceMath =>
        FewRows.Floats<TForm, TMath, OneRow>(
            arguments, arguments.Experts[Grid.IdxX] * arguments.Outputs, Grid.IdxX / arguments.ResultsPerRow, Grid.IdxX);

    /// <summary>Many rows, or many results of experts, exact integers.</summary>
    [Kernel("matmul64_q8_q4_0_f32", typeof(Q4Form), typeof(PortableMath), typeof(NeighbourRows), WideLoads = true)]
    [Kernel("matmul64_q8_q8_0_f32", typeof(Q8Form), typeof(PortableMath), typeof(NeighbourRows), WideLoads = true)]
    [Kernel("matmul64_q8_q4k_f32", typeof(Q4SuperForm), typeof(PortableMath), typeof(NeighbourRows), WideLoads = true)]
    [Kernel("matmul64_q8_q6k_f32", typeof(Q6SuperForm), typeof(PortableMath), typeof(NeighbourRows), WideLoads = true)]
    [Kernel("matmul64_q8_q4_0_f32_cuda", typeof(Q4Form), typeof(CudaMath), typeof(NeighbourRows), WideLoads = true)]
    [Kernel("matmul64_q8_q8_0_f32_cuda", typeof(Q8Form), typeof(CudaMath), typeof(NeighbourRows), WideLoads = true)]
    [Kernel("matmul64_q8_q4k_f32_cuda", typeof(Q4SuperForm), typeof(CudaMath), typeof(NeighbourRows), WideLoads = true)]
    [Kernel("matmul64_q8_q6k_f32_cuda", typeof(Q6SuperForm), typeof(CudaMath), typeof(NeighbourRows), WideLoads = true)]
    [Kernel("experts64_q8_q4_0_f32", typeof(Q4Form), typeof(PortableMath), typeof(ExpertRows), WideLoads = true)]
    [Kernel("experts64_q8_q8_0_f32", typeof(Q8Form), typeof(PortableMath), typeof(ExpertRows), WideLoads = true)]
    [Kernel("experts64_q8_q4k_f32", typeof(Q4SuperForm), typeof(PortableMath), typeof(ExpertRows), WideLoads = true)]
    [Kernel("experts64_q8_q6k_f32", typeof(Q6SuperForm), typeof(PortableMath), typeof(ExpertRows), WideLoads = true)]
    [Kernel("experts64_q8_q4_0_f32_cuda", typeof(Q4Form), typeof(CudaMath), typeof(ExpertRows), WideLoads = true)]
    [Kernel("experts64_q8_q8_0_f32_cuda", typeof(Q8Form), typeof(CudaMath), typeof(ExpertRows), WideLoads = true)]
    [Kernel("experts64_q8_q4k_f32_cuda", typeof(Q4SuperForm), typeof(CudaMath), typeof(ExpertRows), WideLoads = true)]
    [Kernel("experts64_q8_q6k_f32_cuda", typeof(Q6SuperForm), typeof(CudaMath), typeof(ExpertRows), WideLoads = true)]
    public static void ManyIntegers<TForm, TMath, TRows>(ProductArguments arguments)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath
        where TRows : struct, ITileRows => ManyRows.Integers<TForm, TMath, TRows>(arguments);

    /// <summary>Many rows, or many results of experts, floats.</summary>
    [Kernel("matmul64_f32_f16_f32", typeof(HalfForm), typeof(PortableMath), typeof(NeighbourRows), WideLoads = true)]
    [Kernel("matmul64_f32_bf16_f32", typeof(BrainForm), typeof(PortableMath), typeof(NeighbourRows), WideLoads = true)]
    [Kernel("matmul64_f32_f32_f32", typeof(FloatForm), typeof(PortableMath), typeof(NeighbourRows), WideLoads = true)]
    [Kernel("matmul64_f32_f16_f32_cuda", typeof(HalfForm), typeof(CudaMath), typeof(NeighbourRows), WideLoads = true)]
    [Kernel("matmul64_f32_bf16_f32_cuda", typeof(BrainForm), typeof(CudaMath), typeof(NeighbourRows), WideLoads = true)]
    [Kernel("matmul64_f32_f32_f32_cuda", typeof(FloatForm), typeof(CudaMath), typeof(NeighbourRows), WideLoads = true)]
    [Kernel("experts64_f32_f16_f32", typeof(HalfForm), typeof(PortableMath), typeof(ExpertRows), WideLoads = true)]
    [Kernel("experts64_f32_bf16_f32", typeof(BrainForm), typeof(PortableMath), typeof(ExpertRows), WideLoads = true)]
    [Kernel("experts64_f32_f32_f32", typeof(FloatForm), typeof(PortableMath), typeof(ExpertRows), WideLoads = true)]
    [Kernel("experts64_f32_f16_f32_cuda", typeof(HalfForm), typeof(CudaMath), typeof(ExpertRows), WideLoads = true)]
    [Kernel("experts64_f32_bf16_f32_cuda", typeof(BrainForm), typeof(CudaMath), typeof(ExpertRows), WideLoads = true)]
    [Kernel("experts64_f32_f32_f32_cuda", typeof(FloatForm), typeof(CudaMath), typeof(ExpertRows), WideLoads = true)]
    public static void ManyFloats<TForm, TMath, TRows>(ProductArguments arguments)
        where TForm : struct, IFloatForm
        where TMath : struct, IDeviceMath
        where TRows : struct, ITileRows => ManyRows.Floats<TForm, TMath, TRows>(arguments);

    /// <summary>Many rows, or many results of experts, on tensor cores: blocks of 32.</summary>
    [Kernel("matmul128_q8_q4_0_f32_tensor", typeof(Q4Form), typeof(NeighbourRows), WideLoads = true, TensorCores = true)]
    [Kernel("matmul128_q8_q8_0_f32_tensor", typeof(Q8Form), typeof(NeighbourRows), WideLoads = true, TensorCores = true)]
    [Kernel("experts128_q8_q4_0_f32_tensor", typeof(Q4Form), typeof(ExpertRows), WideLoads = true, TensorCores = true)]
    [Kernel("experts128_q8_q8_0_f32_tensor", typeof(Q8Form), typeof(ExpertRows), WideLoads = true, TensorCores = true)]
    public static void TensorBlocks<TForm, TRows>(ProductArguments arguments)
        where TForm : struct, IIntegerForm
        where TRows : struct, ITileRows => TensorRows.Blocks<TForm, CudaMath, TRows>(arguments);

    /// <summary>Many rows, or many results of experts, on tensor cores: super-blocks of 256.</summary>
    [Kernel("matmul128_q8_q4k_f32_tensor", typeof(Q4SuperForm), typeof(NeighbourRows), WideLoads = true, TensorCores = true)]
    [Kernel("matmul128_q8_q6k_f32_tensor", typeof(Q6SuperForm), typeof(NeighbourRows), WideLoads = true, TensorCores = true)]
    [Kernel("experts128_q8_q4k_f32_tensor", typeof(Q4SuperForm), typeof(ExpertRows), WideLoads = true, TensorCores = true)]
    [Kernel("experts128_q8_q6k_f32_tensor", typeof(Q6SuperForm), typeof(ExpertRows), WideLoads = true, TensorCores = true)]
    public static void TensorSuperBlocks<TForm, TRows>(ProductArguments arguments)
        where TForm : struct, IIntegerForm
        where TRows : struct, ITileRows => TensorRows.SuperBlocks<TForm, CudaMath, TRows>(arguments);

    /// <summary>Few rows of floats on tensor cores.</summary>
    [Kernel("matmul16_f32_f16_f32_tensor", typeof(HalfForm), WideLoads = true, TensorCores = true)]
    [Kernel("matmul16_f32_bf16_f32_tensor", typeof(BrainForm), WideLoads = true, TensorCores = true)]
    public static void TensorFewFloats<TForm>(ProductArguments arguments)
        where TForm : struct, ITensorFloatForm
    {
        int row = Grid.IdxX * Products.TensorFewFloats.Rows;
        Products.TensorFewFloats.Run<TForm>(arguments, 0, row, row, arguments.Rows - row);
    }

    /// <summary>Rows of floats that are multiplied with an expert each, on tensor cores.</summary>
    [Kernel("experts_f32_f16_f32_tensor", typeof(HalfForm), WideLoads = true, TensorCores = true)]
    [Kernel("experts_f32_bf16_f32_tensor", typeof(BrainForm), WideLoads = true, TensorCores = true)]
    public static void TensorExpertFloats<TForm>(ProductArguments arguments)
        where TForm : struct, ITensorFloatForm => Products.TensorFewFloats.Run<TForm>(
            arguments, arguments.Experts[Grid.IdxX] * arguments.Outputs, Grid.IdxX / arguments.ResultsPerRow, Grid.IdxX, 1);

    /// <summary>Many rows of floats, or many results of experts, on tensor cores.</summary>
    [Kernel("matmul128_f32_f16_f32_tensor", typeof(HalfForm), typeof(NeighbourRows), WideLoads = true, TensorCores = true)]
    [Kernel("matmul128_f32_bf16_f32_tensor", typeof(BrainForm), typeof(NeighbourRows), WideLoads = true, TensorCores = true)]
    [Kernel("experts128_f32_f16_f32_tensor", typeof(HalfForm), typeof(ExpertRows), WideLoads = true, TensorCores = true)]
    [Kernel("experts128_f32_bf16_f32_tensor", typeof(BrainForm), typeof(ExpertRows), WideLoads = true, TensorCores = true)]
    public static void TensorManyFloats<TForm, TRows>(ProductArguments arguments)
        where TForm : struct, ITensorFloatForm
        where TRows : struct, ITileRows => TensorFloats.Run<TForm, TRows>(arguments);
}
