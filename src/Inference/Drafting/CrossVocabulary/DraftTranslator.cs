using System.Runtime.InteropServices;

namespace Winnow.Inference.Drafting.CrossVocabulary;

/// <summary>
/// Turns drafted tokens into tokens of the target: by text, from the last committed byte on. The last token is left out when it may be cut: it stays
/// when it is the same token in both vocabularies, or when its run of draft tokens became one token before. Buffers are reused.
/// </summary>
internal sealed class DraftTranslator(VocabularyBridge bridge, ContinuationEncoder targetEncoder, RunCache runs)
{
    private readonly List<byte> _text = [];
    private readonly List<int> _ends = [];
    private readonly List<int> _tokens = [];
    private readonly List<float> _confidences = [];

    /// <summary>Translates a draft.</summary>
    /// <param name="draft">What was drafted, in the draft model's tokens.</param>
    /// <param name="pending">Bytes of the committed text that the draft model was not told; a draft must begin with them.</param>
    /// <param name="wanted">Most tokens.</param>
    /// <returns>The proposal in the target's tokens; it may be empty.</returns>
    public DraftProposal Translate(DraftProposal draft, ReadOnlySpan<byte> pending, int wanted)
    {
        _tokens.Clear();
        _confidences.Clear();
        int end = Spell(draft.Tokens);
        bool isEnded = end < draft.Tokens.Length;
        ReadOnlySpan<byte> text = CollectionsMarshal.AsSpan(_text);
        int whole = text.Length - Utf8Ends.IncompleteLength(text);
        bool follows = text.StartsWith(pending) && targetEncoder.TryEncode(text[..whole], out int[] tokens)
            && TakeText(draft, tokens, pending.Length, whole, isLast: !isEnded && whole == text.Length);
        if (follows && isEnded && whole == text.Length && bridge.ToTarget(draft.Tokens[end]) is int control && control != VocabularyBridge.None)
        {
            Add(control, ConfidenceOf(draft, end, end + 1));
        }
        int count = Math.Min(wanted, _tokens.Count);
        return new DraftProposal { Sequence = draft.Sequence, Tokens = [.. _tokens[..count]], Confidences = [.. _confidences[..count]] };
    }

    /// <summary>Collects the bytes of the tokens before the first control token, and where each ends.</summary>
    private int Spell(int[] tokens)
    {
        _text.Clear();
        _ends.Clear();
        int end = 0;
        for (; end < tokens.Length && (uint)tokens[end] < (uint)bridge.Draft.VocabularySize && !bridge.Draft.IsSpecial(tokens[end]); end++)
        {
            _text.AddRange(bridge.Draft.TokenBytes(tokens[end]));
            _ends.Add(_text.Count);
        }
        return end;
    }

    /// <summary>Adds the tokens after the bytes that are committed already.</summary>
    /// <returns>Whether the text was taken to its end, so that what follows it may be added.</returns>
    private bool TakeText(DraftProposal draft, int[] tokens, int committed, int whole, bool isLast)
    {
        int at = 0;
        int first = 0;
        foreach (int token in tokens)
        {
            int start = at;
            at += bridge.Target.TokenBytes(token).Length;
            if (at <= committed)
            {
                continue;
            }
            if (start < committed)
            {
                return false;
            }
            while (first < _ends.Count && _ends[first] <= start)
            {
                first++;
            }
            int after = first;
            while (after < _ends.Count && _ends[after] < at)
            {
                after++;
            }
            after = Math.Min(after + 1, _ends.Count);
            int kept = isLast && at == whole ? Last(draft.Tokens.AsSpan(first, after - first), token, startsAt: first == 0 ? 0 : _ends[first - 1], start) : token;
            if (kept == VocabularyBridge.None)
            {
                return false;
            }
            Add(kept, ConfidenceOf(draft, first, after));
        }
        return true;
    }

    /// <summary>The token to propose for the last run of draft tokens, which may be the beginning of a longer one.</summary>
    private int Last(ReadOnlySpan<int> run, int token, int startsAt, int start)
    {
        if (startsAt != start)
        {
            return VocabularyBridge.None;
        }
        if (run.Length == 1)
        {
            return bridge.ToTarget(run[0]) == token ? token : VocabularyBridge.None;
        }
        return runs.TryFind(run, out int became) ? became : VocabularyBridge.None;
    }

    private void Add(int token, float confidence)
    {
        _tokens.Add(token);
        _confidences.Add(confidence);
    }

    private static float ConfidenceOf(DraftProposal draft, int first, int after)
    {
        float product = 1;
        for (int i = first; i < Math.Min(after, draft.Confidences.Length); i++)
        {
            product *= draft.Confidences[i];
        }
        return product;
    }
}
