namespace Winnow.Inference.Sampling;

/// <summary>Who draws with which part of the counter generator: the fourth counter word of <see cref="GumbelNoise"/>.</summary>
internal static class NoiseStreams
{
    /// <summary>The target's own token, and a draft of it.</summary>
    public const uint Target = 0;

    /// <summary>Decisions of the acceptance rules other than <see cref="AcceptanceRule.Coupled"/>.</summary>
    public const uint Decisions = 1;

    private const uint FirstDraft = 1u << 16;
    private const int MostDepths = 1 << 12;

    /// <summary>
    /// Drafts for those rules. A position that is drafted again, after other tokens were committed before it, gets other noise: what an earlier draft of it
    /// showed must not have to do with the next one.
    /// </summary>
    /// <param name="depth">Drafts before this one in its round.</param>
    /// <param name="chain">Which of several independent drafts.</param>
    public static uint Draft(int depth, int chain) => FirstDraft + (uint)(chain * MostDepths) + (uint)depth;
}
