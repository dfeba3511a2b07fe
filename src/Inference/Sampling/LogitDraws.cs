using System.Runtime.InteropServices;

namespace Winnow.Inference.Sampling;

/// <summary>
/// What is asked of rows of logits that stay where they were computed, and what was found of them: a draw of each, and no more of the logits than its
/// truncation needs. Buffers are reused.
/// </summary>
internal sealed class LogitDraws
{
    /// <summary>Most candidates of a row.</summary>
    public const int MostCandidates = 1024;

    /// <summary>
    /// By what part of itself a sum of weights may differ from the one that docs/sampling.md defines, in whatever order it was taken: float64 sums of 2^20 terms differ
    /// by less than 2^20 * 2^-52, about 2e-10.
    /// </summary>
    public const double WeightSlack = 1e-9;

    private readonly List<RowAsk> _asks = [];
    private readonly List<RowFinding> _findings = [];
    private readonly List<LogitEdit> _edits = [];
    private readonly List<Candidate> _candidates = [];

    /// <summary>Rows.</summary>
    public int Count => _asks.Count;

    /// <summary>What is asked, row by row.</summary>
    public ReadOnlySpan<RowAsk> Asks => CollectionsMarshal.AsSpan(_asks);

    /// <summary>Changes of single logits, ordered by row; a row names a token at most once.</summary>
    public ReadOnlySpan<LogitEdit> Edits => CollectionsMarshal.AsSpan(_edits);

    /// <summary>What was found, row by row: to be set by who was asked.</summary>
    public Span<RowFinding> Findings => CollectionsMarshal.AsSpan(_findings);

    /// <summary>Candidates of all rows.</summary>
    public List<Candidate> Candidates => _candidates;

    /// <summary>Forgets all rows.</summary>
    public void Clear()
    {
        _asks.Clear();
        _findings.Clear();
        _edits.Clear();
        _candidates.Clear();
    }

    /// <summary>Adds a row.</summary>
    /// <param name="ask">What is asked; its number of edits is set here.</param>
    /// <param name="edits">Its edits; their row is set here.</param>
    public void Add(RowAsk ask, ReadOnlySpan<LogitEdit> edits = default)
    {
        foreach (LogitEdit edit in edits)
        {
            LogitEdit own = edit;
            own.Row = _asks.Count;
            _edits.Add(own);
        }
        ask.EditCount = edits.Length;
        _asks.Add(ask);
        _findings.Add(default);
    }

    /// <summary>Candidates of a row.</summary>
    /// <param name="range">See <see cref="RowFinding"/>.</param>
    public ReadOnlySpan<Candidate> CandidatesIn(Range range) => CollectionsMarshal.AsSpan(_candidates)[range];
}
