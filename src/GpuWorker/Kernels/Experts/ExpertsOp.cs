using ILGPU;
using ILGPU.Runtime;

namespace Winnow.GpuWorker.Kernels.Experts;

/// <summary>
/// Chooses experts and sums what they gave; the products between are <see cref="Products.MatMulOp.RunExperts"/>. See <see cref="RouteKernel"/> and
/// <see cref="CombineKernel"/>.
/// </summary>
internal sealed class ExpertsOp
{
    private readonly Action<AcceleratorStream, KernelConfig, RouteArguments> _route;
    private readonly Action<AcceleratorStream, KernelConfig, CombineArguments> _combine;

    /// <summary>Loads the kernels.</summary>
    public ExpertsOp(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        _route = accelerator.LoadKernel<RouteArguments>(RouteKernel.Run);
        _combine = accelerator.LoadKernel<CombineArguments>(CombineKernel.Run);
    }

    /// <summary>Chooses the experts of every row.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="scores">The router's scores; their width is the number of experts.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="used">Experts to choose, at most as many as there are.</param>
    /// <param name="chosen">Rows times <paramref name="used"/> experts, the best of a row first.</param>
    /// <param name="shares">As many shares.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Route(AcceleratorStream stream, in RowsView scores, int rows, int used, ArrayView<int> chosen, ArrayView<float> shares)
    {
        scores.Require(rows, scores.Width, "scores");
        if (used < 1 || used > scores.Width)
        {
            throw new ArgumentException($"'{used}' of '{scores.Width}' experts are asked for; allowed are 1 to all of them.", nameof(used));
        }
        RequireResults(rows, used, chosen.Length, "chosen");
        RequireResults(rows, used, shares.Length, "shares");
        if (rows > 0)
        {
            RouteArguments arguments = new()
            {
                Scores = scores.Values,
                Chosen = chosen,
                Shares = shares,
                Stride = scores.Stride,
                Experts = scores.Width,
                Used = used,
            };
            _route(stream, new KernelConfig(rows, RouteKernel.Threads), arguments);
        }
    }

    /// <summary>Sums what the experts of every row gave.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="terms">Rows times <paramref name="used"/> rows, in the order of <see cref="Route"/>.</param>
    /// <param name="shares">Their shares.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="used">Experts of a row.</param>
    /// <param name="output">Rows of sums.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Combine(AcceleratorStream stream, in RowsView terms, ArrayView<float> shares, int rows, int used, in RowsView output)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(used, 1);
        terms.Require(rows * used, terms.Width, "terms");
        output.Require(rows, terms.Width, "output");
        RequireResults(rows, used, shares.Length, "shares");
        if (rows > 0)
        {
            CombineArguments arguments = new()
            {
                Terms = terms.Quads,
                Shares = shares,
                Output = output.Quads,
                Width = terms.Width,
                TermStride = terms.Stride / 4,
                OutputStride = output.Stride / 4,
                Used = used,
            };
            _combine(stream, new KernelConfig(rows, RowThreads.For(terms.Width)), arguments);
        }
    }

    private static void RequireResults(int rows, int used, long found, string what)
    {
        if (found < (long)rows * used)
        {
            throw new ArgumentException($"The {what} have '{found}' elements; expected '{rows} x {used}'.", what);
        }
    }
}
