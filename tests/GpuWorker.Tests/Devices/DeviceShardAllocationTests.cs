using Winnow.GpuWorker.Devices;
using Winnow.Inference.Graph;
using Winnow.Tests.Common;

namespace Winnow.GpuWorker.Tests.Devices;

/// <summary>
/// A step of a device shard allocates nothing on the thread that runs it, launches included: what is of use again is kept. (The lite edition's launches
/// allocate nothing there either; ILGPU's own CPU accelerator makes tasks for its threads, a driver's launches do not.)
/// </summary>
public sealed class DeviceShardAllocationTests
{
    private const int Attempts = 10;
    private const int Steps = 5;

    [Theory]
    [InlineData("Q8_0", 1)]
    [InlineData("Q4_K/q8_0", 3)]
    [InlineData("gemma2", 2)]
    [InlineData("mixtral", 2)]
    public void Step_AfterWarmUp_AllocatesNothingOnTheDevicesThread(string subject, int rows)
    {
        using DeviceCatalog catalog = new();
        using DeviceBackend backend = new(catalog, catalog.Resolve(new DeviceChoice(DeviceKind.IlgpuCpu)));
        using LawModel model = new(subject);
        ShardDriver driver = model.Load(backend);
        IShard sut = driver.Shard;
        ForwardBatch batch = new();
        driver.Add(batch, ShardDriver.Tokens(rows), 0, 0);
        float[] hidden = new float[rows * sut.Spec.ModelSize];
        float[] logits = new float[rows * sut.Spec.VocabularySize];

        // Methods that are not yet compiled for speed box now and then: the least of some attempts is the shard's own.
        long least = Enumerable.Range(0, Attempts).Min(_ => Measure());

        Assert.Equal(0, least);

        long Measure()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Steps; i++)
            {
                sut.Forward(batch, [], hidden, default);
                sut.ComputeLogits(hidden, rows, logits);
                sut.CopyRow(0, 1);
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
