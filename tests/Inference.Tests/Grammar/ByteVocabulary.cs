using System.Text;
using Winnow.Inference.Grammar;

namespace Winnow.Inference.Tests.Grammar;

/// <summary>A vocabulary of all bytes, some longer tokens and an end token, and texts read by it.</summary>
internal static class ByteVocabulary
{
    public const int End = 256;

    public static GrammarVocabulary Instance { get; } = new(
        [.. Enumerable.Range(0, 256).Select(value => new byte[] { (byte)value }), [], .. Longer.Select(Encoding.UTF8.GetBytes)], [End]);

    public static string[] Longer => ["{\"", "\":", "true", "name", "\"name\"", "  ", "\n  ", "été", "yes", "no", ", ", "12"];

    public static TokenGrammar Compile(GrammarKind kind, string text) => Instance.Compile(new GrammarSource(kind, text));

    /// <summary>Whether a text follows a grammar to its end, byte by byte, with every byte in the mask before it.</summary>
    public static bool Accepts(TokenGrammar grammar, string text)
    {
        GrammarState? state = grammar.Start;
        foreach (byte value in Encoding.UTF8.GetBytes(text))
        {
            bool isAllowed = state.Mask.Allows(value);
            GrammarState? next = state.Advance(value);
            Assert.Equal(isAllowed, next is not null);
            if (next is null)
            {
                return false;
            }
            state = next;
        }
        Assert.Equal(state.CanEnd, state.Mask.Allows(End));
        return state.CanEnd;
    }

    /// <summary>A text of the grammar, drawn with a seed: every token allowed is as likely, the end as often as anything else.</summary>
    public static string Draw(TokenGrammar grammar, int seed, int most = 4000)
    {
        Random random = new(seed);
        List<byte> text = [];
        GrammarState state = grammar.Start;
        for (int i = 0; i < most && !state.IsFinished && !(state.CanEnd && random.Next(4) == 0); i++)
        {
            int[] allowed = [.. Enumerable.Range(0, Instance.Size).Where(token => token != End && state.Mask.Allows(token))];
            int token = allowed[random.Next(allowed.Length)];
            text.AddRange(Bytes(token));
            state = state.Advance(token)!;
        }
        return state.CanEnd ? Encoding.UTF8.GetString([.. text]) : "";
    }

    public static byte[] Bytes(int token) => token < 256 ? [(byte)token] : Encoding.UTF8.GetBytes(Longer[token - End - 1]);
}
