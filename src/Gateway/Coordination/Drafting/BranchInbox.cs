using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// Branches on their way from the draft client's thread to the loop. It holds a bounded number and loses the oldest: a drafter cannot fill the gateway's memory.
/// </summary>
/// <param name="wake">Tells the loop that there is something; called once until it is taken.</param>
internal sealed class BranchInbox(Action wake)
{
    private const int Most = 4096;
    private readonly Lock _lock = new();
    private readonly Queue<DraftBranch> _branches = new();
    private readonly Dictionary<long, RunningSequence> _sequences = [];
    private TimeSpan _time;

    /// <summary>Branches have come. Any thread may call it.</summary>
    /// <param name="branches">Unchecked.</param>
    /// <param name="time">Time it took to draft them, as the drafter says.</param>
    public void Add(IReadOnlyList<DraftBranch> branches, TimeSpan time)
    {
        bool isFirst;
        lock (_lock)
        {
            int before = _branches.Count;
            foreach (DraftBranch branch in branches)
            {
                if (branch.Tokens.Length > SpeculationOptions.MaxTreeNodes)
                {
                    // Longer than anything that was asked for.
                    continue;
                }
                if (_branches.Count == Most)
                {
                    _branches.Dequeue();
                }
                _branches.Enqueue(branch);
            }
            isFirst = before == 0 && _branches.Count > 0;
            _time += time;
        }
        if (isFirst)
        {
            wake();
        }
    }

    /// <summary>Branches of a sequence are wanted from now on.</summary>
    public void Expect(RunningSequence sequence) => _sequences[sequence.Id] = sequence;

    /// <summary>A sequence ended.</summary>
    public void Remove(long sequence) => _sequences.Remove(sequence);

    /// <summary>Takes what has come, with its sequences as far as they are known.</summary>
    public List<(RunningSequence? Sequence, DraftBranch Branch)> Take()
    {
        lock (_lock)
        {
            List<(RunningSequence?, DraftBranch)> taken = new(_branches.Count);
            while (_branches.TryDequeue(out DraftBranch? branch))
            {
                taken.Add((_sequences.GetValueOrDefault(branch.Sequence), branch));
            }
            return taken;
        }
    }

    /// <summary>Takes the time that was spent on branches since the last call.</summary>
    public TimeSpan TakeTime()
    {
        lock (_lock)
        {
            TimeSpan time = _time;
            _time = TimeSpan.Zero;
            return time;
        }
    }
}
