using Winnow.Inference.Acceptance;

namespace Winnow.Inference.Tests.Acceptance;

public sealed class AcceptanceBoundsTests
{
    [Fact]
    public void Coupled_RandomDistributions_EqualsTheDoubleSumBetweenFloorAndOptimum()
    {
        Random random = new(8);
        for (int i = 0; i < 500; i++)
        {
            double[] p = Distribution(random);
            double[] q = Distribution(random);
            double expected = Enumerable.Range(0, p.Length).Where(v => p[v] > 0 && q[v] > 0)
                .Sum(v => 1 / Enumerable.Range(0, p.Length).Sum(j => Math.Max(p[j] / p[v], q[j] / q[v])));

            double sut = AcceptanceBounds.Coupled(p, q);

            Assert.Equal(expected, sut, 12);
            Assert.InRange(sut, AcceptanceBounds.CoupledFloor(p, q) - 1e-12, AcceptanceBounds.Optimum(p, q) + 1e-12);
        }
    }

    [Fact]
    public void Bounds_EqualOrDisjointDistributions_AreOneOrZero()
    {
        double[] p = [0.5, 0.5, 0];
        double[] q = [0, 0, 1];

        Assert.Equal((1, 1, 1), (AcceptanceBounds.Optimum(p, p), AcceptanceBounds.CoupledFloor(p, p), AcceptanceBounds.Coupled(p, p)));
        Assert.Equal((0, 0, 0), (AcceptanceBounds.Optimum(p, q), AcceptanceBounds.CoupledFloor(p, q), AcceptanceBounds.Coupled(p, q)));
    }

    private static double[] Distribution(Random random)
    {
        double[] weights = [.. Enumerable.Range(0, 6).Select(_ => random.Next(4) == 0 ? 0 : random.NextDouble())];
        weights[random.Next(6)] += 0.1;
        return [.. weights.Select(weight => weight / weights.Sum())];
    }
}
