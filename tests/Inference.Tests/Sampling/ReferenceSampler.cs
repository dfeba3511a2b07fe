using Winnow.Inference.Sampling;

namespace Winnow.Inference.Tests.Sampling;

/// <summary>docs/sampling.md written down in the plainest way: full sort, no pruning, LINQ.</summary>
internal static class ReferenceSampler
{
    public static int Sample(float[] logits, SamplingParameters parameters, int[] tokens, int promptTokens, int generationIndex)
    {
        float[] edited = Process(logits, parameters, tokens, promptTokens);
        int[] order = Order(edited);
        if (parameters.Temperature == 0)
        {
            return order[0];
        }
        GumbelNoise noise = new(parameters.Seed, parameters.Choice, generationIndex);
        double Perturbed(int id) => (edited[id] / (double)parameters.Temperature) + noise.Of(id);
        return Survivors(edited, order, parameters).OrderByDescending(Perturbed).ThenBy(id => id).First();
    }

    public static int[] Survivors(float[] edited, SamplingParameters parameters) => Survivors(edited, Order(edited), parameters);

    private static int[] Survivors(float[] edited, int[] order, SamplingParameters parameters)
    {
        double temperature = parameters.Temperature;
        double Weight(int id) => PortableMath.Exp((edited[id] / temperature) - (edited[order[0]] / temperature));
        int[] kept = parameters.TopK > 0 ? order[..Math.Min(order.Length, parameters.TopK)] : order;
        if (parameters.TopP < 1)
        {
            double total = (parameters.TopK > 0 ? kept : [.. kept.Order()]).Sum(Weight);
            double sum = 0;
            kept = [.. kept.TakeWhile(id => { bool open = sum < parameters.TopP * total; sum += Weight(id); return open; })];
        }
        return parameters.MinP > 0 ? [.. kept.Where(id => Weight(id) >= parameters.MinP)] : kept;
    }

    private static int[] Order(float[] logits) =>
        [.. Enumerable.Range(0, logits.Length).Where(id => logits[id] > float.NegativeInfinity).OrderByDescending(id => logits[id]).ThenBy(id => id)];

    private static float[] Process(float[] logits, SamplingParameters parameters, int[] tokens, int promptTokens)
    {
        float[] edited = [.. logits];
        foreach ((int id, float bias) in parameters.LogitBias)
        {
            edited[id] += bias;
        }
        foreach (int id in parameters.BannedTokens)
        {
            edited[id] = float.NegativeInfinity;
        }
        foreach (int id in tokens.Distinct())
        {
            int generated = tokens[promptTokens..].Count(t => t == id);
            edited[id] = edited[id] > 0 ? edited[id] / parameters.RepetitionPenalty : edited[id] * parameters.RepetitionPenalty;
            edited[id] -= generated * parameters.FrequencyPenalty;
            edited[id] -= generated > 0 ? parameters.PresencePenalty : 0;
        }
        return edited;
    }
}
