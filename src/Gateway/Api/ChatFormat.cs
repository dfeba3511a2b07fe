using System.Text;
using System.Text.Json.Serialization.Metadata;
using Winnow.Gateway.Serving;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Api;

/// <summary>Answers of <c>/v1/chat/completions</c>.</summary>
internal sealed class ChatFormat(GenerationJob job) : IResponseFormat<ChatCompletionResponse>
{
    private const string Assistant = "assistant";

    public JsonTypeInfo<ChatCompletionResponse> JsonType => ApiJson.Relaxed.ChatCompletionResponse;

    public bool HasOpenings => true;

    public ChatCompletionResponse Opening(int choice)
    {
        ChatCompletionResponse chunk = Chunk(new ChatChoice { Index = choice, Delta = new ChatMessage { Role = Assistant, Content = "" }, FinishReason = null });
        return choice == 0 && job.Shared.ReturnTokenIds ? chunk with { PromptTokenIds = job.Prompts[0] } : chunk;
    }

    public void Pass(ChoiceUpdate update)
    {
        // Its chunks depend on nothing that came before.
    }

    public IEnumerable<ResponseChunk<ChatCompletionResponse>> Chunks(ChoiceUpdate update)
    {
        bool withIds = job.Shared.ReturnTokenIds && update.Tokens.Count > 0;
        if (update.Text.Length > 0 || update.Logprobs.Count > 0 || withIds)
        {
            yield return new(Chunk(new ChatChoice
            {
                Index = update.Index,
                Delta = new ChatMessage { Content = update.Text },
                Logprobs = Logprobs(update.Tokens, update.Logprobs),
                FinishReason = null,
                TokenIds = withIds ? update.Tokens : null,
            }), EndsChoice: false);
        }
        if (update.FinishReason is not null)
        {
            yield return new(Chunk(new ChatChoice { Index = update.Index, Delta = new ChatMessage(), FinishReason = update.FinishReason }), EndsChoice: true);
        }
    }

    public ChatCompletionResponse UsageChunk(Usage usage) => Respond("chat.completion.chunk", []) with { Usage = usage };

    public ChatCompletionResponse Whole(IReadOnlyList<ChoiceResult> choices, Usage usage)
        => Respond("chat.completion", [.. choices.Select(WholeChoice)]) with
        {
            Usage = usage,
            PromptTokenIds = job.Shared.ReturnTokenIds ? job.Prompts[0] : null,
        };

    private ChatChoice WholeChoice(ChoiceResult choice, int index) => new()
    {
        Index = index,
        Message = new ChatMessage { Role = Assistant, Content = choice.Text },
        Logprobs = Logprobs(choice.Tokens, choice.Logprobs),
        FinishReason = choice.FinishReason,
        TokenIds = job.Shared.ReturnTokenIds ? choice.Tokens : null,
    };

    private ChatCompletionResponse Chunk(ChatChoice choice) => Respond("chat.completion.chunk", [choice]);

    private ChatCompletionResponse Respond(string kind, IReadOnlyList<ChatChoice> choices) => new()
    {
        Id = job.Id,
        Object = kind,
        Created = job.Created,
        Model = job.Model.Name,
        SystemFingerprint = job.Model.Fingerprint(),
        Seed = job.Seed,
        Choices = choices,
    };

    private ChatLogprobs? Logprobs(IReadOnlyList<int> tokens, IReadOnlyList<TokenLogprobs> logprobs)
    {
        if (!job.Shared.Sampling.Logprobs)
        {
            return null;
        }
        var entries = new ChatTokenLogprob[logprobs.Count];
        for (int i = 0; i < entries.Length; i++)
        {
            TokenLogprobs found = logprobs[i];
            var top = new ChatTopLogprob[found.TopIds.Length];
            for (int k = 0; k < top.Length; k++)
            {
                (string text, int[] bytes) = Text(found.TopIds[k]);
                top[k] = new ChatTopLogprob(text, found.TopLogprobs[k], bytes);
            }
            (string token, int[] tokenBytes) = Text(tokens[i]);
            entries[i] = new ChatTokenLogprob(token, found.Logprob, tokenBytes, top);
        }
        return new ChatLogprobs(entries);
    }

    private (string Text, int[] Bytes) Text(int token)
    {
        ReadOnlySpan<byte> bytes = job.Model.Tokenizer.TokenBytes(token);
        var values = new int[bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            values[i] = bytes[i];
        }
        return (job.Shared.TokensAsIds ? $"token_id:{token}" : Encoding.UTF8.GetString(bytes), values);
    }
}
