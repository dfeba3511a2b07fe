using System.Runtime.InteropServices;

namespace Winnow.Inference.Sampling;

/// <summary>
/// How often each token occurred in a sequence, as the penalties count it: prompt and generated tokens apart.
/// </summary>
/// <param name="promptTokens">Tokens from this position on count as generated.</param>
public sealed class TokenHistory(int promptTokens)
{
    private readonly List<int> _tokens = [];
    private readonly Dictionary<int, TokenCount> _counts = [];

    /// <summary>Tokens counted.</summary>
    public int Length => _tokens.Count;

    /// <summary>
    /// Makes the history that of <paramref name="tokens"/>; costs the tokens that differ from what was counted before.
    /// </summary>
    /// <param name="tokens">Prompt and generated tokens, from position 0.</param>
    public void SyncTo(ReadOnlySpan<int> tokens)
    {
        int common = CollectionsMarshal.AsSpan(_tokens).CommonPrefixLength(tokens);
        while (_tokens.Count > common)
        {
            RemoveLast();
        }
        foreach (int token in tokens[common..])
        {
            Append(token);
        }
    }

    /// <summary>Counts one more token.</summary>
    public void Append(int token)
    {
        ref TokenCount count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, token, out _);
        if (_tokens.Count < promptTokens)
        {
            count.Prompt++;
        }
        else
        {
            count.Generated++;
        }
        _tokens.Add(token);
    }

    /// <summary>Takes the last token back.</summary>
    /// <exception cref="InvalidOperationException">Nothing is counted.</exception>
    public void RemoveLast()
    {
        if (_tokens.Count == 0)
        {
            throw new InvalidOperationException("A token was to be taken back from an empty history.");
        }
        int token = _tokens[^1];
        _tokens.RemoveAt(_tokens.Count - 1);
        ref TokenCount count = ref CollectionsMarshal.GetValueRefOrNullRef(_counts, token);
        if (_tokens.Count < promptTokens)
        {
            count.Prompt--;
        }
        else
        {
            count.Generated--;
        }
    }

    /// <summary>Applies the repetition, presence and frequency penalties to every counted token's logit.</summary>
    internal void Penalise(SamplingPlan plan, Span<float> logits)
    {
        foreach (KeyValuePair<int, TokenCount> entry in _counts)
        {
            if (entry.Value.Prompt + entry.Value.Generated == 0)
            {
                continue;
            }
            float logit = logits[entry.Key];
            logit = logit > 0 ? logit / plan.RepetitionPenalty : logit * plan.RepetitionPenalty;
            if (entry.Value.Generated > 0)
            {
                logit -= entry.Value.Generated * plan.FrequencyPenalty;
                logit -= plan.PresencePenalty;
            }
            logits[entry.Key] = logit;
        }
    }

    /// <summary>Names every counted token, and how often it was generated.</summary>
    internal void CollectSeen(LogitEditList edits)
    {
        foreach (KeyValuePair<int, TokenCount> entry in _counts)
        {
            if (entry.Value.Prompt + entry.Value.Generated > 0)
            {
                edits.See(entry.Key, entry.Value.Generated);
            }
        }
    }

    private struct TokenCount
    {
        public int Prompt;
        public int Generated;
    }
}
