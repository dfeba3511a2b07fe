namespace Winnow.Inference.Drafting.FromTokens;

/// <summary>Classes of guesses by how well founded they are.</summary>
public static class GuessGrades
{
    /// <summary>Number of grades.</summary>
    public const int Count = 4;

    /// <summary>Grade of a guess that goes on after a match of so many tokens: 1, 2 to 3, 4 to 7, and 8 or more.</summary>
    public static int OfMatch(int length) => length < 2 ? 0 : length < 4 ? 1 : length < 8 ? 2 : 3;
}
