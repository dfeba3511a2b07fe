using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Drafting;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Tests.Coordination.Drafting;

public sealed class StepAllocationTests
{
    private const int Steps = 1000;

    [Theory]
    [InlineData(DrafterNames.None)]
    [InlineData(DrafterNames.DraftModel)]
    public void Begin_NobodyIsAsked_AllocatesNothing(string drafter)
    {
        using var sut = new Speculator("test", new CoordinatorOptions(), new ManualTime(), Channel.CreateUnbounded<LoopEvent>().Writer, NullLogger.Instance);
        sut.Attach(null, FakePipeline.Vocabulary, hasHead: false, hasExit: false, []);
        List<RunningSequence> group = [.. Enumerable.Range(0, 8).Select(i => new RunningSequence(i, Requests.Of(1, 100, (ulong)i, drafter: drafter), 8))];
        Run(sut, group);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(sut, group);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(8, group.Count);
    }

    private static void Run(Speculator sut, List<RunningSequence> group)
    {
        for (int i = 0; i < Steps; i++)
        {
            foreach (RunningSequence sequence in group)
            {
                sequence.HasDrafts = false;
            }
            sut.Begin(group, reservedRows: 0, isSeparable: true, group.Count);
            sut.Sent(group);
        }
    }
}
