namespace Winnow.Peer.Commands;

/// <summary>Continues a prompt with the best token of each step, or along given ids.</summary>
internal sealed class Continuation(PeerModel model, PeerContext context)
{
    private const int Best = 5;

    /// <summary>Runs it; the context is empty before and after.</summary>
    /// <param name="text">Text of the prompt, for the report.</param>
    /// <param name="ids">The prompt.</param>
    /// <param name="teacher">Ids to feed back, or <see langword="null"/> for the best ones.</param>
    /// <param name="count">Steps.</param>
    public PromptReport Run(string? text, int[] ids, int[]? teacher, int count)
    {
        int[] greedy = new int[count];
        double[][][] top = new double[count][][];
        double[][] firstProbabilities = [];
        ReadOnlySpan<float> logits = context.Run(ids, 0);
        for (int step = 0; step < count; step++)
        {
            int[] order = BestIds(logits);
            greedy[step] = order[0];
            top[step] = Pairs(order, logits);
            if (step == 0)
            {
                firstProbabilities = Probabilities(order, logits);
            }
            if (step + 1 < count)
            {
                logits = context.Run([teacher?[step] ?? greedy[step]], ids.Length + step);
            }
        }
        context.Clear();
        double[] gaps = [.. top.Select(step => step[0][1] - step[1][1])];
        return new PromptReport(text, ids, teacher, greedy, top, firstProbabilities, gaps.Min(), Array.IndexOf(gaps, gaps.Min()), model.Detokenize(greedy));
    }

    // Logit descending, id ascending, as Winnow orders them.
    private static int[] BestIds(ReadOnlySpan<float> logits)
    {
        float[] values = logits.ToArray();
        return [.. Enumerable.Range(0, values.Length).OrderByDescending(id => values[id]).Take(Best)];
    }

    private static double[][] Pairs(int[] ids, ReadOnlySpan<float> logits)
    {
        double[][] pairs = new double[ids.Length][];
        for (int i = 0; i < ids.Length; i++)
        {
            pairs[i] = [ids[i], Math.Round(logits[ids[i]], 5)];
        }
        return pairs;
    }

    private static double[][] Probabilities(int[] ids, ReadOnlySpan<float> logits)
    {
        double largest = logits[ids[0]];
        double sum = 0;
        foreach (float logit in logits)
        {
            sum += Math.Exp(logit - largest);
        }
        double[][] pairs = Pairs(ids, logits);
        for (int i = 0; i < ids.Length; i++)
        {
            pairs[i][1] = Math.Exp(logits[ids[i]] - largest) / sum;
        }
        return pairs;
    }
}
