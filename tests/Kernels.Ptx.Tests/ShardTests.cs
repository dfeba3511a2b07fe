using Winnow.Inference.Graph;
using Winnow.Kernels.Ptx.Tests.Runtime;
using Winnow.Kernels.Suite;
using Winnow.Tests.Common;

namespace Winnow.Kernels.Ptx.Tests;

public sealed class ShardTests : ShardSuite
{
    [KernelFact]
    public void Forward_AfterTheBuffersHaveGrown_WaitsForStreamsOnlyWhereSomethingMoves()
    {
        var accelerator = (PtxAccelerator)Accelerator;
        using LawModel model = new("Q8_0");
        ShardDriver sut = model.Load(Backend, 1, 1);
        ForwardBatch batch = new();
        sut.Add(batch, ShardDriver.Tokens(3), 0, 0);
        float[] hidden = new float[3 * sut.Spec.ModelSize];
        Pass();
        Pass();
        int whole = accelerator.WholeWaits;
        int streams = accelerator.StreamWaits;

        Pass();

        // The last of the three is the only one where the device waits for events by itself: for what was sent, for the kernels, for what is fetched.
        Assert.Equal(0, accelerator.WholeWaits - whole);
        Assert.Equal(3, accelerator.StreamWaits - streams);

        void Pass() => sut.Shards[0].Forward(batch, [], hidden, default);
    }
}
