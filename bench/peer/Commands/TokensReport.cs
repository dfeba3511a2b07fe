namespace Winnow.Peer.Commands;

/// <summary>What <c>tokens</c> prints: the oracle of a model file.</summary>
/// <param name="File">Name of the model file.</param>
/// <param name="Peer">Who computed it.</param>
/// <param name="KvCache">Type of the KV cache.</param>
/// <param name="FlashAttention">Whether flash attention was on.</param>
/// <param name="Context">Tokens of the context it was made with; long-context RoPE factors depend on it.</param>
/// <param name="Vocab">Size of the vocabulary.</param>
/// <param name="Prompts">A continuation per prompt.</param>
internal sealed record TokensReport(string File, string Peer, string KvCache, bool FlashAttention, int Context, int Vocab, IReadOnlyList<PromptReport> Prompts);

/// <summary>One prompt's continuation.</summary>
/// <param name="Text">The prompt as given; absent for a prompt of ids.</param>
/// <param name="Ids">Its token ids.</param>
/// <param name="Teacher">The ids that were fed back, when they were given.</param>
/// <param name="Greedy">Best id of each step.</param>
/// <param name="Top5Logits">The five best logits of each step as pairs of id and logit.</param>
/// <param name="FirstTop5Probs">The five best ids of the first step with their probabilities.</param>
/// <param name="MinGap">Smallest distance between the two best logits of a step.</param>
/// <param name="MinGapStep">The step it is at.</param>
/// <param name="GreedyText">Text of the best ids.</param>
internal sealed record PromptReport(
    string? Text,
    int[] Ids,
    int[]? Teacher,
    int[] Greedy,
    double[][][] Top5Logits,
    double[][] FirstTop5Probs,
    double MinGap,
    int MinGapStep,
    string GreedyText);
