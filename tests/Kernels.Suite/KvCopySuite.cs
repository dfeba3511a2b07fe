using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels.Attention;
using Winnow.Inference.Cache;

namespace Winnow.Kernels.Suite;

/// <summary>Copies of stored rows and blocks, in every layer, and of nothing else.</summary>
public abstract class KvCopySuite : KernelSuite
{
    [KernelTheory]
    [InlineData(KvType.F32)]
    [InlineData(KvType.F16)]
    [InlineData(KvType.Q8_0)]
    [InlineData(KvType.Q4_0)]
    public void CopyRow_AnyForm_CopiesThatRowInEveryLayer(KvType type)
    {
        DeviceKvLayout layout = new(3, 2, 80, 16, 4, 5, type);
        using DeviceKv kv = new(Accelerator, layout);
        Fill(kv);
        Dictionary<(int, int, int, bool), float[]> before = Read(kv);

        new KvCopyOp(Accelerator, kv).CopyRow(Stream, 66, 19);

        foreach (((int layer, int slot, int head, bool isKey) at, float[] row) in Read(kv))
        {
            Assert.Equal(before[at with { slot = at.slot == 19 ? 66 : at.slot }], row);
        }
    }

    [KernelTheory]
    [InlineData(KvType.F16)]
    [InlineData(KvType.Q4_0)]
    public void CopyBlock_AnyForm_CopiesItsRowsInEveryLayer(KvType type)
    {
        DeviceKvLayout layout = new(2, 2, 32, 32, 3, 0, type);
        using DeviceKv kv = new(Accelerator, layout);
        Fill(kv);
        Dictionary<(int, int, int, bool), float[]> before = Read(kv);

        new KvCopyOp(Accelerator, kv).CopyBlock(Stream, 2, 0);

        foreach (((int layer, int slot, int head, bool isKey) at, float[] row) in Read(kv))
        {
            Assert.Equal(before[at with { slot = at.slot < 32 ? at.slot + 64 : at.slot }], row);
        }
    }

    [KernelFact]
    public void Copy_OutsideTheCache_Throws()
    {
        using DeviceKv kv = new(Accelerator, new DeviceKvLayout(1, 1, 32, 16, 2, 3, KvType.F16));
        KvCopyOp sut = new(Accelerator, kv);

        Assert.Contains("'35'", Assert.Throws<ArgumentOutOfRangeException>(() => sut.CopyRow(Stream, 0, 35)).Message);
        Assert.Contains("'-1'", Assert.Throws<ArgumentOutOfRangeException>(() => sut.CopyRow(Stream, -1, 0)).Message);
        Assert.Contains("'2'", Assert.Throws<ArgumentOutOfRangeException>(() => sut.CopyBlock(Stream, 2, 0)).Message);
        sut.CopyRow(Stream, 34, 34);
    }

    private void Fill(DeviceKv kv)
    {
        Random random = new(1);
        LayerKv all = kv.All();
        Fill(all.Keys, () => random.Next(1 << 30));
        Fill(all.Values, () => random.Next(1 << 30));
        Fill(all.KeyScales, () => (ushort)random.Next(0x3C00));
        Fill(all.ValueScales, () => (ushort)random.Next(0x3C00));
    }

    private void Fill<T>(ArrayView<T> view, Func<T> next)
        where T : unmanaged
    {
        T[] data = new T[view.Length];
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = next();
        }
        view.CopyFromCPU(Stream, data);
        Stream.Synchronize();
    }

    private Dictionary<(int Layer, int Slot, int Head, bool IsKey), float[]> Read(DeviceKv kv)
    {
        Stream.Synchronize();
        Dictionary<(int, int, int, bool), float[]> rows = [];
        for (int layer = 0; layer < kv.Layout.Layers; layer++)
        {
            for (int slot = 0; slot < kv.Layout.Slots; slot++)
            {
                for (int head = 0; head < kv.Layout.KvHeads; head++)
                {
                    rows[(layer, slot, head, true)] = KvReference.OnDevice(Stream, kv.Layout, kv.Layer(layer), keys: true, slot, head);
                    rows[(layer, slot, head, false)] = KvReference.OnDevice(Stream, kv.Layout, kv.Layer(layer), keys: false, slot, head);
                }
            }
        }
        return rows;
    }
}
