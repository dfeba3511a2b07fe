using System.Runtime.InteropServices;

namespace Winnow.Inference.Sampling;

/// <summary>All that processors do to single tokens of a row, an entry for each token. Buffers are reused.</summary>
/// <param name="vocabularySize">V: tokens in the vocabulary.</param>
internal sealed class LogitEditList(int vocabularySize)
{
    private readonly List<LogitEdit> _edits = [];

    // By token: 1 + the index of its entry; 0 without one.
    private readonly int[] _places = new int[vocabularySize];

    /// <summary>The entries; valid until the next call.</summary>
    public ReadOnlySpan<LogitEdit> Edits => CollectionsMarshal.AsSpan(_edits);

    /// <summary>Collects bias and bans of a plan, and the tokens that its penalties apply to.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="history">Prompt, output and path; needed where the plan uses it.</param>
    public void Collect(SamplingPlan plan, TokenHistory? history)
    {
        Clear();
        for (int i = 0; i < plan.BiasIds.Length; i++)
        {
            ref LogitEdit edit = ref Of(plan.BiasIds[i]);
            edit.Flags |= LogitEdit.HasBias;
            edit.Bias = plan.BiasValues[i];
        }
        foreach (int token in plan.Banned)
        {
            Of(token).Flags |= LogitEdit.Banned;
        }
        if (plan.UsesHistory)
        {
            (history ?? throw new ArgumentNullException(nameof(history), "The plan's penalties need the history.")).CollectSeen(this);
        }
    }

    /// <summary>The penalties apply to a token.</summary>
    /// <param name="token">Token id.</param>
    /// <param name="count">How often output and path have it.</param>
    public void See(int token, int count)
    {
        ref LogitEdit edit = ref Of(token);
        edit.Flags |= LogitEdit.Seen;
        edit.Count = count;
    }

    private void Clear()
    {
        foreach (ref readonly LogitEdit edit in Edits)
        {
            _places[edit.Token] = 0;
        }
        _edits.Clear();
    }

    private ref LogitEdit Of(int token)
    {
        ref int place = ref _places[token];
        if (place == 0)
        {
            _edits.Add(new LogitEdit { Token = token });
            place = _edits.Count;
        }
        return ref CollectionsMarshal.AsSpan(_edits)[place - 1];
    }
}
