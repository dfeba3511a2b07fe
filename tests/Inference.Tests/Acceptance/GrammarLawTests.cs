using Winnow.Inference.Acceptance;
using Winnow.Inference.Grammar;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Tests.Acceptance;

/// <summary>
/// A grammar over three tokens and an end: what the engine generates under each lossless rule has exactly the masked target's distribution, and every text follows the grammar.
/// </summary>
public sealed class GrammarLawTests
{
    private const double Tolerance = 1e-12;

    private static readonly string[] Patterns = ["(ab|c)*", "a(b|c)?", "[ab]{2}c?", "ba*"];

    public static TheoryData<string, AcceptanceRule, string> Cases
    {
        get
        {
            TheoryData<string, AcceptanceRule, string> cases = [];
            foreach (string pattern in Patterns)
            {
                foreach (string law in DraftLaws.Names)
                {
                    cases.Add(pattern, AcceptanceRule.Coupled, law);
                    cases.Add(pattern, AcceptanceRule.Rejection, law);
                    cases.Add(pattern, AcceptanceRule.Spectr, law);
                    cases.Add(pattern, AcceptanceRule.Rsd, law);
                }
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void EveryRule_UnderAGrammar_GivesTheMaskedLaw(string pattern, AcceptanceRule rule, string law)
    {
        SamplingParameters sampling = new() { Temperature = 1.2f, FrequencyPenalty = 0.4f, Rule = rule, Grammar = new GrammarSource(GrammarKind.Regex, pattern) };
        Func<int[], DraftLaw> after = DraftLaws.Named(law, sampling with { Grammar = null });

        Dictionary<string, double> actual = ExactLaw.OfEngine(sampling, 3, 2, (tree, prefix) => Draft(tree, prefix, rule), after);

        Assert.InRange(ExactLaw.Distance(ExactLaw.OfAutoregression(sampling, 3), actual), 0, Tolerance);
        Assert.InRange(actual.Values.Sum(), 1 - Tolerance, 1 + Tolerance);
        Assert.All(actual.Keys, text => Assert.True(IsOfGrammar(text, pattern), text));
    }

    private static void Draft(DrawnTree tree, int[] prefix, AcceptanceRule rule)
    {
        switch (rule)
        {
            case AcceptanceRule.Rsd:
                tree.AddChildren(prefix, tree.Root, [2]);
                break;
            case AcceptanceRule.Spectr:
                tree.AddChains(prefix, tree.Root, 2, 1);
                break;
            case AcceptanceRule.Rejection:
                tree.AddChains(prefix, tree.Root, 1, 1);
                break;
            default:
                // Certain ones, the end and what stands behind it among them.
                int first = tree.Add(prefix[^1], tree.Root, null);
                tree.Add(ExactLaw.Vocabulary - 1, tree.Root, null);
                tree.Add(1, first, null);
                tree.Add(2, 1, null);
                break;
        }
    }

    // The text up to its end; one that is not at its end must go on.
    private static bool IsOfGrammar(string tokens, string pattern)
    {
        string text = string.Concat(tokens.Split(' ').TakeWhile(token => token != "3").Select(token => (char)('a' + token[0] - '0')));
        bool isEnded = tokens.Contains('3', StringComparison.Ordinal);
        return (isEnded ? System.Text.RegularExpressions.Regex.IsMatch(text, $"^(?:{pattern})$") : text.Length == 3)
            && text.All(c => c is 'a' or 'b' or 'c');
    }
}
