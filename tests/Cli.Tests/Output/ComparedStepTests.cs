using Winnow.Cli.Output;

namespace Winnow.Cli.Tests.Output;

public sealed class ComparedStepTests
{
    [Fact]
    public void From_TheSameChoice_IsEqualWithTheMarginAndTheLargestDifference()
    {
        ComparedStep sut = ComparedStep.From(3, [1f, 4f, 3.5f], [1.5f, 4.25f, 3.5f], nearTie: 0.2f);

        Assert.Equal((3, 1, 1, true, false), (sut.Step, sut.Id, sut.DeviceId, sut.IsEqual, sut.NearTie));
        Assert.Equal((0f, 0f, 0.5f, 0.5f), (sut.Gap, sut.DeviceGap, sut.Margin, sut.LargestDifference));
    }

    [Theory]
    [InlineData(0.25f, true)]
    [InlineData(0.24f, false)]
    public void From_AnotherChoice_IsANearTieByTheReferencesGap(float nearTie, bool expected)
    {
        ComparedStep sut = ComparedStep.From(0, [4f, 3.75f, 3.9f], [3f, 3.5f, 1f], nearTie);

        Assert.Equal((0, 1, false, expected), (sut.Id, sut.DeviceId, sut.IsEqual, sut.NearTie));
        Assert.Equal((0.25f, 0.5f), (sut.Gap, sut.DeviceGap));
        Assert.Equal(0.1f, sut.Margin, 5);
    }

    [Fact]
    public void From_EqualLogits_ChoosesTheLowestId()
    {
        ComparedStep sut = ComparedStep.From(0, [2f, 2f], [2f, 2f], nearTie: 0);

        Assert.Equal((0, 0, 0f), (sut.Id, sut.DeviceId, sut.Margin));
    }
}
