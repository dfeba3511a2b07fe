using System.Runtime.CompilerServices;
using System.Text;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Tests.Api;

/// <summary>Answers every request with the same text, some bytes a step, and remembers what it was asked.</summary>
internal sealed class ScriptedGenerator(string text, int tokensPerStep = 3) : IGenerator
{
    /// <summary>Tokens of every step from now on.</summary>
    public int TokensPerStep { get; set; } = tokensPerStep;

    /// <summary>Requests so far.</summary>
    public List<GenerationRequest> Requests { get; } = [];

    /// <inheritdoc />
    public TimeSpan QueueWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Thrown before the first token when set.</summary>
    public GenerationException? Refusal { get; set; }

    /// <summary>Thrown after the first step when set.</summary>
    public Exception? Break { get; set; }

    /// <summary>Waited for before the first step when set.</summary>
    public Task? Queue { get; set; }

    /// <summary>Waited for after the first step when set.</summary>
    public Task? Hold { get; set; }

    /// <summary>Completed when a generation was given up before its end.</summary>
    public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async IAsyncEnumerable<GeneratedTokens> GenerateAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        lock (Requests)
        {
            Requests.Add(request);
        }
        if (Refusal is not null)
        {
            throw Refusal;
        }
        bool ended = false;
        try
        {
            await (Queue?.WaitAsync(cancellation) ?? Task.CompletedTask);
            int[] tokens = [.. Encoding.UTF8.GetBytes(text).Select(value => (int)value), ByteTokenizer.End];
            int end = Math.Min(tokens.Length, request.MaxTokens);
            int start = request.Generated.Count;
            for (int at = start; at < end; at += TokensPerStep)
            {
                if (at > start)
                {
                    await (Hold?.WaitAsync(cancellation) ?? Task.CompletedTask);
                    _ = Break is null ? 0 : throw Break;
                }
                int[] step = tokens[at..Math.Min(at + TokensPerStep, end)];
                bool last = at + TokensPerStep >= end;
                ended = last;
                yield return new GeneratedTokens
                {
                    Tokens = step,
                    Logprobs = request.Sampling.Logprobs ? [.. step.Select(id => new TokenLogprobs(-0.5f, [id, 'z'], [-0.5f, -2]))] : [],
                    Drafted = 4,
                    DraftDepth = 4,
                    Drafter = "suffix",
                    Accepted = step.Length - 1,
                    Finish = !last ? FinishReason.None : end == tokens.Length ? FinishReason.Stop : FinishReason.Length,
                };
            }
        }
        finally
        {
            // Given up by the reader, by cancellation or by leaving the loop, before the last step.
            _ = ended || Cancelled.TrySetResult();
        }
    }
}
