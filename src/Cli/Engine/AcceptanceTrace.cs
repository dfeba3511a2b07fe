namespace Winnow.Cli.Engine;

/// <summary>What came of the drafts for one text.</summary>
internal sealed class AcceptanceTrace
{
    /// <summary>Tokens generated.</summary>
    public int[] Tokens { get; set; } = [];

    /// <summary>For every step with drafts, the tokens generated before it: the place of its first draft.</summary>
    public List<int> Starts { get; } = [];

    /// <summary>Draft tokens verified.</summary>
    public int Drafted { get; private set; }

    /// <summary>Draft tokens kept.</summary>
    public int Accepted { get; private set; }

    /// <summary>Steps that kept at least one.</summary>
    public int FirstKept { get; private set; }

    /// <summary>Adds a step; one without drafts does not count.</summary>
    public void Add(int start, int drafted, int accepted)
    {
        if (drafted > 0)
        {
            Starts.Add(start);
            Drafted += drafted;
            Accepted += accepted;
            FirstKept += accepted > 0 ? 1 : 0;
        }
    }
}
