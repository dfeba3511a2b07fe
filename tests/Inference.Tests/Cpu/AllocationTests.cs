using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>A forward pass that a shard has done before allocates nothing, neither managed nor native.</summary>
public sealed class AllocationTests
{
    public static TheoryData<string, int> Cases => new()
    {
        { nameof(GgmlType.Q8_0), 1 },
        { nameof(GgmlType.Q4_K), 3 },
        { nameof(GgmlType.F16), 3 },
        { "gemma2", 1 },
        { "mixtral", 3 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_DecodeVerifyAndPrefillAgain_AllocateNothing(string subject, int threads)
    {
        using LawCase law = new(subject);
        ShardDriver driver = law.Load(threads: threads);
        IShard sut = driver.Shard;
        ForwardBatch[] batches = [Chain(driver, 32, 0), Chain(driver, 1, 32), Chain(driver, 8, 33)];
        float[] hidden = new float[32 * sut.Spec.ModelSize];
        float[] logits = new float[32 * sut.Spec.VocabularySize];
        Run(sut, batches, hidden, logits);

        (long managed, long native) = (GC.GetAllocatedBytesForCurrentThread(), NativeBuffer.AllocatedBytesForCurrentThread);
        Run(sut, batches, hidden, logits);

        (managed, native) = (GC.GetAllocatedBytesForCurrentThread() - managed, NativeBuffer.AllocatedBytesForCurrentThread - native);

        Assert.Equal((0, 0), (managed, native));
    }

    private static ForwardBatch Chain(ShardDriver driver, int rows, int baseLength)
    {
        ForwardBatch batch = new();
        driver.Add(batch, ShardDriver.Tokens(rows), baseLength, 0);
        return batch;
    }

    private static void Run(IShard shard, ForwardBatch[] batches, float[] hidden, float[] logits)
    {
        foreach (ForwardBatch batch in batches)
        {
            Span<float> rows = hidden.AsSpan(0, batch.RowCount * shard.Spec.ModelSize);
            shard.Forward(batch, [], rows, default);
            shard.ComputeLogits(rows, batch.RowCount, logits.AsSpan(0, batch.RowCount * shard.Spec.VocabularySize));
        }
    }
}
