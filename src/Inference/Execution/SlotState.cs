using System.Runtime.InteropServices;
using Winnow.Inference.Cache;
using Winnow.Inference.Drafting.Heads;
using Winnow.Inference.Grammar;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Execution;

/// <summary>What a shard knows of an open sequence.</summary>
internal sealed class SlotState
{
    private readonly List<int> _blocks = [];

    /// <summary>Tokens whose keys and values are in the blocks: committed ones, then the main chain of the last drafts.</summary>
    public TokenChain Chain { get; } = new();

    /// <summary>The last step's draft nodes.</summary>
    public DraftRecord Drafts { get; } = new();

    /// <summary>Generation index 0 is the token after these.</summary>
    public int PromptTokens { get; init; }

    /// <summary>What a trained head waits to read; only at a last shard that has one.</summary>
    public HeldFeatures HeldFeatures { get; } = new();

    /// <summary>How to sample; <see langword="null"/> when the sequence could not be opened.</summary>
    public SamplingPlan? Plan { get; init; }

    /// <summary>Counts for penalties; only where tokens are drawn and only when they are on.</summary>
    public TokenHistory? History { get; init; }

    /// <summary>Where the sequence stands in its grammar; only where tokens are drawn and only when it has one.</summary>
    public GrammarCursor? Grammar { get; init; }

    /// <summary>Why the sequence could not be opened.</summary>
    public StepError? Error { get; init; }

    /// <summary>Physical block of every block size positions.</summary>
    public ReadOnlySpan<int> Blocks => CollectionsMarshal.AsSpan(_blocks);

    /// <summary>Cuts the block table when asked, then appends to it; the row's checks came before.</summary>
    public void ChangeBlocks(int truncate, ReadOnlySpan<int> append)
    {
        if (truncate > 0)
        {
            _blocks.RemoveRange(truncate, _blocks.Count - truncate);
        }
        _blocks.AddRange(append);
    }
}
