using System.Runtime.InteropServices;
using System.Text;
using Winnow.Inference.Cache;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Drafting.CrossVocabulary;

/// <summary>
/// A sequence in both vocabularies: the target's tokens as told, and the same text in the draft model's. The text's end is tokenised again as it grows;
/// what lies well behind it stays.
/// </summary>
internal sealed class TranslatedSequence(VocabularyBridge bridge, ContinuationEncoder draftEncoder, RunCache runs)
{
    private const int LongestTail = 96;
    private const int KeptTail = 32;

    private readonly List<int> _draft = [];
    private readonly List<byte> _text = [];
    private readonly List<byte> _pending = [];
    private int _frozenTarget;
    private int _frozenDraft;
    private int _nextFrozenTarget;
    private int _nextFrozenDraft;

    /// <summary>The target's tokens.</summary>
    public TokenChain Chain { get; } = new();

    /// <summary>The same in the draft model's tokens, but for <see cref="Pending"/>.</summary>
    public ReadOnlySpan<int> Draft => CollectionsMarshal.AsSpan(_draft);

    /// <summary>Last bytes of the target's text, the beginning of a code point, which the draft model has not been told.</summary>
    public ReadOnlySpan<byte> Pending => CollectionsMarshal.AsSpan(_pending);

    /// <summary>Draft tokens per token of the target, so far.</summary>
    public double Ratio => Math.Clamp((double)_draft.Count / Math.Max(1, Chain.Length), 0.25, 8);

    /// <summary>How the target samples, in the draft model's tokens, until the draft model has been told.</summary>
    public SamplingParameters? Sampling { get; set; }

    /// <summary>Round that last asked.</summary>
    public long LastRound { get; set; }

    /// <summary>Takes in what a query tells: cuts the chain to what agrees with it, appends the rest, and brings the draft's tokens up to it.</summary>
    public void Tell(int known, ReadOnlySpan<int> tokens)
    {
        int common = known + Chain.Tokens[known..].CommonPrefixLength(tokens);
        Chain.Truncate(common);
        Chain.Append(tokens[(common - known)..]);
        if (common < _frozenTarget)
        {
            _frozenTarget = _frozenDraft = 0;
        }
        _draft.RemoveRange(_frozenDraft, _draft.Count - _frozenDraft);
        _pending.Clear();
        (_nextFrozenTarget, _nextFrozenDraft) = (_frozenTarget, _frozenDraft);
        if (_frozenTarget == 0 && bridge.Draft is { AddsBeginToken: true, BeginToken: int begin } && bridge.ToDraft(Chain.Tokens[0]) != begin)
        {
            _draft.Add(begin);
        }
        for (int next = _frozenTarget; next < Chain.Length;)
        {
            next = IsControl(next) ? AddControl(next) : AddText(next, common);
        }
        if (Chain.Length - _frozenTarget > LongestTail)
        {
            (_frozenTarget, _frozenDraft) = (_nextFrozenTarget, _nextFrozenDraft);
        }
    }

    // A control token that the draft model does not have is told by its name, as text.
    private bool IsControl(int index)
    {
        int token = Chain.Tokens[index];
        return bridge.Target.IsSpecial(token) && bridge.ToDraft(token) != VocabularyBridge.None;
    }

    private int AddControl(int index)
    {
        _draft.Add(bridge.ToDraft(Chain.Tokens[index]));
        Boundary(index + 1);
        return index + 1;
    }

    private int AddText(int first, int firstNew)
    {
        _text.Clear();
        int end = first;
        for (; end < Chain.Length && !IsControl(end); end++)
        {
            _text.AddRange(bridge.Target.TokenBytes(Chain.Tokens[end]));
        }
        ReadOnlySpan<byte> text = CollectionsMarshal.AsSpan(_text);
        if (end == Chain.Length)
        {
            int whole = text.Length - Utf8Ends.IncompleteLength(text);
            _pending.AddRange(text[whole..]);
            text = text[..whole];
        }
        if (!draftEncoder.TryEncode(text, out int[] tokens))
        {
            _draft.AddRange(bridge.Draft.Encode(Encoding.UTF8.GetString(text), addSpecial: false, parseSpecial: false));
            return end;
        }
        Align(first, end, firstNew, tokens, text);
        return end;
    }

    // Walks both spellings of the text; where a token of the target is a whole run of draft tokens, the run is learnt.
    private void Align(int first, int end, int firstNew, int[] tokens, ReadOnlySpan<byte> text)
    {
        int targetAt = 0;
        int draftAt = 0;
        int next = 0;
        for (int index = first; index < end; index++)
        {
            bool begins = draftAt == targetAt;
            int runStart = next;
            targetAt += bridge.Target.TokenBytes(Chain.Tokens[index]).Length;
            while (next < tokens.Length && draftAt < targetAt)
            {
                draftAt += bridge.Draft.TokenBytes(tokens[next]).Length;
                _draft.Add(tokens[next++]);
            }
            if (draftAt != targetAt)
            {
                continue;
            }
            if (begins && index >= firstNew)
            {
                runs.Learn(tokens.AsSpan(runStart, next - runStart), Chain.Tokens[index]);
            }
            if (targetAt < text.Length && text[targetAt] is (byte)' ' or (byte)'\n')
            {
                Boundary(index + 1);
            }
        }
        _draft.AddRange(tokens.AsSpan(next));
    }

    // What comes before a word is spelt the same whatever follows.
    private void Boundary(int target)
    {
        if (target <= Chain.Length - KeptTail)
        {
            (_nextFrozenTarget, _nextFrozenDraft) = (target, _draft.Count);
        }
    }
}
