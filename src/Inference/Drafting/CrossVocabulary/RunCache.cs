using Winnow.Inference.Cache;

namespace Winnow.Inference.Drafting.CrossVocabulary;

/// <summary>
/// Which token of the target a run of draft tokens became when it was last committed: the online n-gram cache of OmniDraft (2507.02659). Two generations
/// of runs; the older one is forgotten when the younger is full. A run is known by its hash: a mistake is only a wrong guess.
/// </summary>
/// <param name="capacity">Runs of one generation, about 24 bytes each.</param>
internal sealed class RunCache(int capacity)
{
    /// <summary>Longest run kept, in draft tokens.</summary>
    public const int LongestRun = 8;

    private Dictionary<ulong, int> _young = [];
    private Dictionary<ulong, int> _old = [];

    /// <summary>Runs known.</summary>
    public int Count => _young.Count + _old.Count;

    /// <summary>A run of two or more draft tokens was committed as one token of the target.</summary>
    public void Learn(ReadOnlySpan<int> run, int token)
    {
        if (run.Length is < 2 or > LongestRun)
        {
            return;
        }
        if (_young.Count >= capacity)
        {
            (_old, _young) = (_young, _old);
            _young.Clear();
        }
        _young[PrefixHash.Append(PrefixHash.Empty, run)] = token;
    }

    /// <summary>The token that a run became.</summary>
    public bool TryFind(ReadOnlySpan<int> run, out int token)
    {
        token = VocabularyBridge.None;
        if (run.Length is < 2 or > LongestRun)
        {
            return false;
        }
        ulong key = PrefixHash.Append(PrefixHash.Empty, run);
        return _young.TryGetValue(key, out token) || _old.TryGetValue(key, out token);
    }
}
