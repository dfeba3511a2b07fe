using Winnow.GpuWorker.Kernels.Weights;
using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Loading;

/// <summary>The matrices of a shard whose type no form of a device holds exactly: they are rounded to halves, and grow, when they are loaded.</summary>
/// <param name="Tensors">How many.</param>
/// <param name="Types">Their types with the number of each, for people.</param>
/// <param name="FileBytes">Bytes that they have in the file.</param>
/// <param name="DeviceBytes">Bytes that they have on the device.</param>
internal sealed record RoundedWeights(int Tensors, string Types, long FileBytes, long DeviceBytes)
{
    /// <summary>Looks through a shard's tensors.</summary>
    /// <returns><see langword="null"/> when all are held exactly.</returns>
    public static RoundedWeights? Of(ModelFile file, ShardSpec spec)
    {
        GgufTensor[] rounded =
        [
            .. file.Tensors.Where(tensor => GraphTensors.Belongs(tensor.Name, spec) && WeightMatrix.IsSupported(tensor.Type) && !WeightForms.IsExact(tensor.Type)),
        ];
        return rounded.Length == 0 ? null : new RoundedWeights(
            rounded.Length,
            string.Join(", ", rounded.GroupBy(tensor => tensor.Type).Select(type => $"{type.Key}: {type.Count()}")),
            rounded.Sum(tensor => tensor.ByteLength),
            rounded.Sum(tensor => WeightBuffer.BytesFor(WeightForms.Of(tensor.Type), tensor.RowCount, (int)tensor.RowElements)));
    }
}
