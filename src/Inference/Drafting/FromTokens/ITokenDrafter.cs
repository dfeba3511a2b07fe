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
    /// <param name="draft">Empty, with its room set; gets the guess, the likeliest nodes first. With room for a width of one it is a chain.</param>
    /// <returns>
    /// How well founded the guess is, from 0 to <see cref="GuessGrades.Count"/> - 1: acceptance is learned for each grade apart, so that a long match is not
    /// judged by what short ones brought.
    /// </returns>
    int Propose(ReadOnlySpan<int> tokens, DraftTree draft);

    /// <summary>The sequence ended, or leaves this drafter; it is not called again.</summary>
    /// <param name="tokens">The prompt and every committed token.</param>
    void Close(ReadOnlySpan<int> tokens);
}
