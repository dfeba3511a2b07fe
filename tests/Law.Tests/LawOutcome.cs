using System.Globalization;
using Winnow.Gateway.Serving;

namespace Winnow.Law.Tests;

/// <summary>What a request gave: tokens and finish reason of every choice, and the counts of its steps.</summary>
internal sealed class LawOutcome(LawRequest request)
{
    private readonly List<int>[] _tokens = [.. Enumerable.Range(0, request.Choices).Select(_ => new List<int>())];
    private readonly List<string>[] _logprobs = [.. Enumerable.Range(0, request.Choices).Select(_ => new List<string>())];
    private readonly string?[] _finish = new string?[request.Choices];

    public int Steps { get; private set; }

    public int Drafted { get; private set; }

    public int Accepted { get; private set; }

    public int CachedPromptTokens { get; private set; }

    /// <summary>Tokens of all choices.</summary>
    public int TokenCount => _tokens.Sum(choice => choice.Count);

    /// <summary>Tokens, the bits of their log-probabilities, and finish reasons as text: equal texts, equal outcomes.</summary>
    public string Fingerprint
        => $"{request.Name} -> {string.Join(" | ", _tokens.Select((tokens, choice) => $"{string.Join(' ', tokens)} [{string.Join(' ', _logprobs[choice])}] ({_finish[choice]})"))}";

    public void Add(ChoiceUpdate update)
    {
        _tokens[update.Index].AddRange(update.Tokens);
        _logprobs[update.Index].AddRange(update.Logprobs.Select(entry => BitConverter.SingleToInt32Bits(entry.Logprob).ToString("x8", CultureInfo.InvariantCulture)));
        _finish[update.Index] = update.FinishReason ?? _finish[update.Index];
        Steps++;
        Drafted += update.Drafted;
        Accepted += update.Accepted;
        CachedPromptTokens += update.CachedPromptTokens;
    }
}
