using System.Text;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Tokenizers;

namespace Winnow.Gateway.Serving;

/// <summary>The text of one choice as its tokens come in.</summary>
internal sealed class ChoiceText(ITokenizer tokenizer, IReadOnlyList<string> stops, IReadOnlyList<int> stopTokens)
{
    private readonly StreamingDetokenizer _detokenizer = new(tokenizer, skipSpecial: true);
    private readonly StopMatcher _matcher = new(stops);

    /// <summary>Adds a step's tokens one by one, so that a stop string ends the choice at the same token whatever the step size.</summary>
    public ChoiceUpdate Push(int index, GeneratedTokens step)
    {
        var text = new StringBuilder();
        int used = 0;
        while (used < step.Tokens.Count && !_matcher.Matched)
        {
            int token = step.Tokens[used++];
            if (!stopTokens.Contains(token))
            {
                text.Append(_matcher.Push(_detokenizer.Push(token)));
            }
        }
        bool ended = step.Finish != FinishReason.None && used == step.Tokens.Count;
        if (ended && !_matcher.Matched)
        {
            text.Append(_matcher.Push(_detokenizer.Flush()));
            text.Append(_matcher.Flush());
        }
        return new ChoiceUpdate
        {
            Index = index,
            Text = text.ToString(),
            Tokens = used == step.Tokens.Count ? step.Tokens : [.. step.Tokens.Take(used)],
            Logprobs = step.Logprobs.Count <= used ? step.Logprobs : [.. step.Logprobs.Take(used)],
            FinishReason = Reason(step.Finish, ended),
            Drafted = step.Drafted,
            DraftDepth = step.DraftDepth,
            Drafter = step.Drafter,
            Accepted = step.Accepted,
            CachedPromptTokens = step.CachedPromptTokens,
        };
    }

    private string? Reason(FinishReason finish, bool ended)
    {
        if (_matcher.Matched)
        {
            return "stop";
        }
        return !ended ? null : finish == FinishReason.Length ? "length" : "stop";
    }
}
