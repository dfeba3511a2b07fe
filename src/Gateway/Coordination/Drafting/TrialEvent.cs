namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>What a step changed in the trials of <see cref="BatchTrials"/>.</summary>
internal enum TrialEvent
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Another scope is tried from the next step on.</summary>
    Began,

    /// <summary>The scope that was tried makes more tokens a second, and holds from now on.</summary>
    Won,

    /// <summary>It makes fewer.</summary>
    Lost,

    /// <summary>There was no telling.</summary>
    Undecided,
}
