using Winnow.Gateway.Coordination.Drafting;

namespace Winnow.Gateway.Coordination;

/// <summary>A step between its sending and its result; reused.</summary>
internal sealed class StepInFlight
{
    /// <summary>Its sequences, in its order.</summary>
    public List<RunningSequence> Sequences { get; } = [];

    /// <summary>Slots it closes.</summary>
    public List<int> Closes { get; } = [];

    /// <summary>Step number.</summary>
    public long Step { get; set; }

    /// <summary>Rows in it.</summary>
    public int Rows { get; set; }

    /// <summary>Every row is sampled: no prompt chunk is among them.</summary>
    public bool SamplesAll { get; set; }

    /// <summary>Trial of drafting under which it was sent.</summary>
    public TrialStamp Trial { get; set; }

    /// <summary>Time stamp of its sending.</summary>
    public long SentAt { get; set; }

    /// <summary>Empties it for the next step.</summary>
    public void Clear()
    {
        Sequences.Clear();
        Closes.Clear();
    }
}
