namespace Winnow.Inference.Acceptance;

/// <summary>The random decisions of an acceptance rule; a test takes each in turn instead.</summary>
internal interface IRuleLots
{
    /// <summary>True with probability <c>min(1, wanted / offered)</c>.</summary>
    bool Accept(double wanted, double offered);

    /// <summary>An index, each with probability <c>weights[i] / total</c>.</summary>
    /// <param name="weights">At least 0, one of them above.</param>
    /// <param name="total">Their sum.</param>
    int Draw(ReadOnlySpan<double> weights, double total);
}
