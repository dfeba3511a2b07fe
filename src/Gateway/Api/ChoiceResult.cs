using System.Text;
using Winnow.Gateway.Serving;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Api;

/// <summary>A choice put together from its updates.</summary>
internal sealed class ChoiceResult
{
    private readonly StringBuilder _text = new();

    public string Text => _text.ToString();

    public List<int> Tokens { get; } = [];

    public List<TokenLogprobs> Logprobs { get; } = [];

    public string? FinishReason { get; private set; }

    public void Add(ChoiceUpdate update)
    {
        _text.Append(update.Text);
        Tokens.AddRange(update.Tokens);
        Logprobs.AddRange(update.Logprobs);
        FinishReason = update.FinishReason ?? FinishReason;
    }
}
