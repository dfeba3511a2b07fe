namespace Winnow.Inference.Drafting.FromTokens;

/// <summary>
/// A drafter that guesses from tokens alone: it needs no model and no network, and answers at once. It owns what its sequences share (tables, past
/// requests), of bounded size. Not thread-safe: one loop owns it.
/// </summary>
/// <remarks>A guess only changes speed: the target draws its own tokens. So a drafter may forget anything at any time.</remarks>
public interface ITokenDrafter
{
    /// <summary>Name in requests, options, metrics and usage; snake_case.</summary>
    string Name { get; }

    /// <summary>Begins a sequence.</summary>
    ISequenceDrafter Open();
}

/// <summary>What an <see cref="ITokenDrafter"/> keeps of one sequence; of bounded size.</summary>
public interface ISequenceDrafter
{
    /// <summary>Guesses how the sequence goes on.</summary>
    /// <param name="tokens">The prompt and every committed token; from call to call it only grows.</param>
    /// <param name="draft">Gets the guess, a chain; no more is wanted than fits.</param>
    /// <returns>How many tokens were written, and how well founded they are.</returns>
    TokenGuess Propose(ReadOnlySpan<int> tokens, Span<int> draft);

    /// <summary>The sequence ended, or leaves this drafter; it is not called again.</summary>
    /// <param name="tokens">The prompt and every committed token.</param>
    void Close(ReadOnlySpan<int> tokens);
}

/// <summary>A guess's length and class.</summary>
/// <param name="Count">Tokens written; 0 for no guess.</param>
/// <param name="Grade">
/// How well founded the guess is, from 0 to <see cref="GradeCount"/> - 1: acceptance is learned for each grade apart, so that a long match is not judged by
/// what short ones brought.
/// </param>
public readonly record struct TokenGuess(int Count, int Grade)
{
    /// <summary>Number of grades.</summary>
    public const int GradeCount = 4;

    /// <summary>Writes what followed a position; where the text ends, it goes on with the guess itself, so that what repeats goes on repeating.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="position">Where to begin, before its end.</param>
    /// <param name="draft">Filled whole.</param>
    internal static void GoOn(ReadOnlySpan<int> tokens, int position, Span<int> draft)
    {
        int period = tokens.Length - position;
        for (int i = 0; i < draft.Length; i++)
        {
            draft[i] = i < period ? tokens[position + i] : draft[i - period];
        }
    }

    /// <summary>No guess.</summary>
    public static TokenGuess Nothing => default;

    /// <summary>Grade of a guess that goes on after a match of so many tokens: 1, 2 to 3, 4 to 7, and 8 or more.</summary>
    public static int GradeOfMatch(int length) => length < 2 ? 0 : length < 4 ? 1 : length < 8 ? 2 : 3;
}
