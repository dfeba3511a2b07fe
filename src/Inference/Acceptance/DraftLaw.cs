namespace Winnow.Inference.Acceptance;

/// <summary>
/// The distribution that a draft token was really drawn from: some tokens and their probabilities, the rest 0. Comes from drafters, hence is checked
/// before it is used.
/// </summary>
public sealed class DraftLaw
{
    /// <summary>Tokens that the draft model draws from: its most likely ones.</summary>
    public const int DrawnTokens = 20;

    /// <summary>Most tokens of a distribution that is used.</summary>
    public const int MostTokens = 64;

    private const double Tolerance = 1e-3;

    /// <summary>A distribution as it came.</summary>
    /// <param name="ids">Token ids, ascending.</param>
    /// <param name="probabilities">One per id; drawn from in proportion to them, so that rounding changes nothing.</param>
    /// <param name="draws">Tokens drawn, in their order.</param>
    public DraftLaw(int[] ids, float[] probabilities, int[] draws)
    {
        Ids = ids;
        Probabilities = probabilities;
        Draws = draws;
    }

    /// <summary>Token ids, ascending.</summary>
    public int[] Ids { get; }

    /// <summary>One per id.</summary>
    public float[] Probabilities { get; }

    /// <summary>
    /// Tokens drawn from it for one position, in their order: several times the same one where draws were independent, and also those that there was no room to
    /// verify further, since the rules count every draw.
    /// </summary>
    public int[] Draws { get; }

    /// <summary>Whether it is a distribution over tokens of the vocabulary, and the draws can have come from it.</summary>
    public bool IsSound(int vocabularySize)
    {
        if (Ids.Length is 0 or > MostTokens || Ids.Length != Probabilities.Length || Draws.Length is 0 or > MostTokens)
        {
            return false;
        }
        int before = -1;
        double sum = 0;
        for (int i = 0; i < Ids.Length; i++)
        {
            if (Ids[i] <= before || Ids[i] >= vocabularySize || !(Probabilities[i] >= 0 && Probabilities[i] <= 1))
            {
                return false;
            }
            before = Ids[i];
            sum += Probabilities[i];
        }
        return Math.Abs(sum - 1) <= Tolerance && DrawsArePossible();
    }

    private bool DrawsArePossible()
    {
        foreach (int draw in Draws)
        {
            int place = Array.BinarySearch(Ids, draw);
            if (place < 0 || Probabilities[place] == 0)
            {
                return false;
            }
        }
        return true;
    }
}
