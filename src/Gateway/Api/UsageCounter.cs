using Winnow.Gateway.Serving;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Api;

/// <summary>Adds up a request's usage while its choices run.</summary>
internal sealed class UsageCounter(int promptTokens, AcceptanceRule rule)
{
    private int _completionTokens;
    private int _cachedTokens;
    private readonly SpeculationCounter _speculation = new(rule);

    public void Add(ChoiceUpdate update)
    {
        _completionTokens += update.Tokens.Count;
        _cachedTokens += update.CachedPromptTokens;
        if (update.IsRepeat || update.IsReplay || update.Tokens.Count == 0)
        {
            return;
        }
        _speculation.Add(update.Drafter, update.Drafted, update.Accepted, update.DraftDepth);
    }

    public Usage ToUsage() => new()
    {
        PromptTokens = promptTokens,
        CompletionTokens = _completionTokens,
        PromptTokensDetails = new PromptTokensDetails(_cachedTokens),
        Speculation = _speculation.ToUsage(),
    };
}
