using Winnow.Gateway.Coordination;
using Winnow.Inference.Execution;

namespace Winnow.Cli.Engine;

/// <summary>One generation run to its end, with its clock.</summary>
internal sealed class TokenGeneration
{
    /// <summary>Generated token ids.</summary>
    public List<int> Tokens { get; } = [];

    /// <summary>Log-probabilities when asked for.</summary>
    public List<TokenLogprobs> Logprobs { get; } = [];

    /// <summary>Steps that produced tokens.</summary>
    public int Steps { get; private set; }

    /// <summary>Draft tokens verified.</summary>
    public int Drafted { get; private set; }

    /// <summary>Draft tokens accepted.</summary>
    public int Accepted { get; private set; }

    /// <summary>Tokens of the first step.</summary>
    public int FirstTokens { get; private set; }

    /// <summary>Why it ended.</summary>
    public FinishReason Finish { get; private set; }

    /// <summary>Timestamp of the start.</summary>
    public long StartedAt { get; private init; }

    /// <summary>Timestamp of the first token.</summary>
    public long FirstAt { get; private set; }

    /// <summary>Timestamp of the last token.</summary>
    public long EndedAt { get; private set; }

    /// <summary>When each step's tokens came, and how many.</summary>
    public List<(long At, int Tokens)> Events { get; } = [];

    /// <summary>Runs a request.</summary>
    /// <param name="generator">Who generates.</param>
    /// <param name="request">What.</param>
    /// <param name="time">Clock of the timestamps.</param>
    /// <param name="observe">Called after each step, or <see langword="null"/>.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<TokenGeneration> RunAsync(
        IGenerator generator, GenerationRequest request, TimeProvider time, Action<GeneratedTokens>? observe, CancellationToken cancellation)
    {
        var run = new TokenGeneration { StartedAt = time.GetTimestamp() };
        await foreach (GeneratedTokens step in generator.GenerateAsync(request, cancellation))
        {
            run.Add(step, time.GetTimestamp());
            observe?.Invoke(step);
        }
        return run;
    }

    private void Add(GeneratedTokens step, long now)
    {
        if (Steps++ == 0)
        {
            FirstAt = now;
            FirstTokens = step.Tokens.Count;
        }
        EndedAt = now;
        Events.Add((now, step.Tokens.Count));
        Tokens.AddRange(step.Tokens);
        Logprobs.AddRange(step.Logprobs);
        Drafted += step.Drafted;
        Accepted += step.Accepted;
        Finish = step.Finish;
    }
}
