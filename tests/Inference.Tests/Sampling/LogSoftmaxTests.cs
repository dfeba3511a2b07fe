using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Tests.Sampling;

public sealed class LogSoftmaxTests
{
    [Fact]
    public void Of_Logits_GivesNaturalLogProbabilitiesBestFirst()
    {
        float[] logits = [1, 3, 2, 3, float.NegativeInfinity];
        double sum = logits.Sum(x => Math.Exp(x));

        TokenLogprobs found = new LogSoftmax(5).Of(logits, 2, 3);

        Assert.Equal(2 - Math.Log(sum), found.Logprob, 1e-6);
        Assert.Equal([1, 3, 2], found.TopIds);
        Assert.Equal(3 - Math.Log(sum), found.TopLogprobs[0], 1e-6);
        Assert.Equal(2 - Math.Log(sum), found.TopLogprobs[2], 1e-6);
    }

    [Fact]
    public void Of_NoAlternativesAsked_GivesNone()
    {
        TokenLogprobs found = new LogSoftmax(2).Of([500, 500], 0, 0);

        Assert.Empty(found.TopIds);
        Assert.Equal(-Math.Log(2), found.Logprob, 1e-6);
    }
}
