using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>A question to the draft model that has not been answered.</summary>
/// <param name="round">Its number.</param>
/// <param name="startedAt">Time stamp of asking.</param>
internal sealed class OpenDraftCall(long round, long startedAt)
{
    /// <summary>Its number.</summary>
    public long Round => round;

    /// <summary>Time stamp of asking.</summary>
    public long StartedAt => startedAt;

    /// <summary>What is asked.</summary>
    public List<DraftQuery> Queries { get; } = [];

    /// <summary>Sequences it tells of, with how many tokens of each it tells.</summary>
    public List<(RunningSequence Sequence, int Length)> Told { get; } = [];

    /// <summary>Sequences whose next step waits for it: those it wants drafts for, and those that go with them.</summary>
    public List<RunningSequence> Waiting { get; } = [];

    /// <summary>Sequences it wants drafts for.</summary>
    public int Asked { get; set; }

    /// <summary>Most drafts of one of them.</summary>
    public int Longest { get; set; }

    /// <summary>Trees are among the drafts it wants.</summary>
    public bool AsksForTree { get; set; }

    /// <summary>The draft model has a prompt to catch up with first.</summary>
    public bool CatchesUp { get; set; }

    /// <summary>It has taken too long: nothing more is asked before the answer.</summary>
    public bool IsLate { get; set; }

    /// <summary>A step waits for it.</summary>
    public bool HoldsStep
    {
        get
        {
            foreach (RunningSequence sequence in Waiting)
            {
                if (sequence.DraftCall == this)
                {
                    return true;
                }
            }
            return false;
        }
    }

    /// <summary>Lets those go that wait for it.</summary>
    public void Release()
    {
        foreach (RunningSequence sequence in Waiting)
        {
            if (sequence.DraftCall == this)
            {
                sequence.DraftCall = null;
                sequence.WantedDrafts = 0;
            }
        }
        Waiting.Clear();
    }
}
