using Winnow.Gateway.Serving;

namespace Winnow.Gateway.Api;

/// <summary>Adds up a request's usage while its choices run.</summary>
internal sealed class UsageCounter(int promptTokens)
{
    private int _completionTokens;
    private int _cachedTokens;
    private int _steps;
    private int _drafted;
    private int _accepted;

    public void Add(ChoiceUpdate update)
    {
        _completionTokens += update.Tokens.Count;
        _cachedTokens += update.CachedPromptTokens;
        _steps++;
        _drafted += update.Drafted;
        _accepted += update.Accepted;
    }

    public Usage ToUsage() => new()
    {
        PromptTokens = promptTokens,
        CompletionTokens = _completionTokens,
        PromptTokensDetails = new PromptTokensDetails(_cachedTokens),
        Speculation = new SpeculationUsage(_steps, _drafted, _accepted),
    };
}
