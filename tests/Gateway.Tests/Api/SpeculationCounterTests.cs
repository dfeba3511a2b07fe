using Winnow.Gateway.Api;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Tests.Api;

public sealed class SpeculationCounterTests
{
    private readonly SpeculationCounter _sut = new(AcceptanceRule.Coupled);

    [Fact]
    public void ToUsage_Nothing_IsAllZero()
    {
        SpeculationUsage usage = _sut.ToUsage();
        Assert.Equal((0, 0.0), (usage.Steps, usage.MeanAcceptLength));
        Assert.Empty(usage.AcceptanceByPosition);
        Assert.Empty(usage.Drafters);
    }

    [Fact]
    public void ToUsage_SeveralDrafters_SharesAndPositionsAddUp()
    {
        _sut.Add(null, 0, 0, 0);
        _sut.Add("suffix", 3, 1, 3);
        _sut.Add("draft_model", 1, 1, 1);
        SpeculationUsage usage = _sut.ToUsage();
        Assert.Equal((3, 4, 2), (usage.Steps, usage.Drafted, usage.Accepted));
        Assert.Equal(1.6667, usage.MeanAcceptLength);
        Assert.Equal([1, 0, 0], usage.AcceptanceByPosition);
        Assert.Equal(new DrafterUsage(1, 3, 1, 0.75), usage.Drafters["suffix"]);
        Assert.Equal(new DrafterUsage(1, 1, 1, 0.25), usage.Drafters["draft_model"]);
    }

    [Fact]
    public void ToUsage_Trees_CountNodesAndPositionsByDepth()
    {
        _sut.Add("suffix", 12, 2, 3);
        _sut.Add("suffix", 4, 1, 2);
        SpeculationUsage usage = _sut.ToUsage();
        Assert.Equal((16, 3, 2.5), (usage.Drafted, usage.Accepted, usage.MeanAcceptLength));
        Assert.Equal([1, 0.5, 0], usage.AcceptanceByPosition);
    }
}
