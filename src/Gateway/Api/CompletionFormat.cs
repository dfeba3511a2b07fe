using System.Text;
using System.Text.Json.Serialization.Metadata;
using Winnow.Gateway.Serving;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Api;

/// <summary>Answers of <c>/v1/completions</c>.</summary>
internal sealed class CompletionFormat(GenerationJob job) : IResponseFormat<CompletionResponse>
{
    private readonly int[] _textOffsets = new int[job.Choices.Count];
    private readonly bool[] _promptIdsSent = new bool[job.Choices.Count];

    public JsonTypeInfo<CompletionResponse> JsonType => ApiJson.Relaxed.CompletionResponse;

    public bool HasOpenings => false;

    public CompletionResponse Opening(int choice) => throw new NotSupportedException("A completion has no opening events.");

    public void Pass(ChoiceUpdate update)
    {
        _promptIdsSent[update.Index] |= update.Tokens.Count > 0;
        if (job.Shared.Sampling.Logprobs)
        {
            _textOffsets[update.Index] += update.Tokens.Sum(token => Text(token).Length);
        }
    }

    public IEnumerable<ResponseChunk<CompletionResponse>> Chunks(ChoiceUpdate update)
    {
        bool withIds = job.Shared.ReturnTokenIds;
        if (update.Text.Length == 0 && update.Logprobs.Count == 0 && update.FinishReason is null && !withIds)
        {
            yield break;
        }
        bool promptIds = withIds && !_promptIdsSent[update.Index];
        _promptIdsSent[update.Index] = true;
        CompletionResponse chunk = Respond([new CompletionChoice
        {
            Index = update.Index,
            Text = update.Text,
            Logprobs = Logprobs(update.Index, update.Tokens, update.Logprobs),
            FinishReason = update.FinishReason,
            TokenIds = withIds ? update.Tokens : null,
            PromptTokenIds = promptIds ? Prompt(update.Index) : null,
        }]);
        yield return new(chunk, update.FinishReason is not null);
    }

    public CompletionResponse UsageChunk(Usage usage) => Respond([]) with { Usage = usage };

    public CompletionResponse Whole(IReadOnlyList<ChoiceResult> choices, Usage usage)
        => Respond([.. choices.Select(WholeChoice)]) with { Usage = usage };

    private CompletionChoice WholeChoice(ChoiceResult choice, int index) => new()
    {
        Index = index,
        Text = choice.Text,
        Logprobs = Logprobs(index, choice.Tokens, choice.Logprobs),
        FinishReason = choice.FinishReason,
        TokenIds = job.Shared.ReturnTokenIds ? choice.Tokens : null,
        PromptTokenIds = job.Shared.ReturnTokenIds ? Prompt(index) : null,
    };

    private int[] Prompt(int choice) => job.Prompts[choice / job.Shared.Choices];

    private CompletionResponse Respond(IReadOnlyList<CompletionChoice> choices) => new()
    {
        Id = job.Id,
        Created = job.Created,
        Model = job.Model.Name,
        SystemFingerprint = job.Model.Fingerprint(),
        Seed = job.Seed,
        Choices = choices,
    };

    private CompletionLogprobs? Logprobs(int choice, IReadOnlyList<int> tokens, IReadOnlyList<TokenLogprobs> logprobs)
    {
        if (!job.Shared.Sampling.Logprobs)
        {
            return null;
        }
        var texts = new string[logprobs.Count];
        var values = new float[logprobs.Count];
        var tops = new IReadOnlyDictionary<string, float>[logprobs.Count];
        var offsets = new int[logprobs.Count];
        for (int i = 0; i < logprobs.Count; i++)
        {
            texts[i] = Text(tokens[i]);
            values[i] = logprobs[i].Logprob;
            offsets[i] = _textOffsets[choice];
            _textOffsets[choice] += texts[i].Length;
            var top = new Dictionary<string, float>();
            for (int k = 0; k < logprobs[i].TopIds.Length; k++)
            {
                // Two tokens can read alike (parts of a code point); the likelier one is reported.
                top.TryAdd(Text(logprobs[i].TopIds[k]), logprobs[i].TopLogprobs[k]);
            }
            tops[i] = top;
        }
        return new CompletionLogprobs(texts, values, tops, offsets);
    }

    private string Text(int token) => job.Shared.TokensAsIds ? $"token_id:{token}" : Encoding.UTF8.GetString(job.Model.Tokenizer.TokenBytes(token));
}
