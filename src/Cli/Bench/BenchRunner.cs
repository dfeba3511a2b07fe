using Winnow.Cli.Engine;
using Winnow.Cli.Output;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Sampling;

namespace Winnow.Cli.Bench;

/// <summary>Runs batches with speculation off and on, interleaved, so that a busy machine hurts both alike; both generate the same tokens.</summary>
internal sealed class BenchRunner(LocalEngine engine, TimeProvider time)
{
    private int _firstPrompt;

    public required IReadOnlyList<int[]> Prompts { get; init; }

    public required SamplingParameters Sampling { get; init; }

    /// <summary>How to speculate when speculation is on.</summary>
    public required SpeculationOptions Speculation { get; init; }

    public required int Tokens { get; init; }

    public required int Runs { get; init; }

    /// <summary>Let sequences end at their end token.</summary>
    public required bool UntilEnd { get; init; }

    /// <summary>Shown what the target says without speculation, to repeat it with; <see langword="null"/> for drafters that guess.</summary>
    public ScriptedDrafter? Script { get; init; }

    /// <summary>Told what is measured.</summary>
    public required Action<string> Progress { get; init; }

    /// <summary>Measures every batch size.</summary>
    public async Task<IReadOnlyList<BenchResult>> RunAsync(IReadOnlyList<int> batches, bool speculate, CancellationToken cancellation)
    {
        Progress("warming up");
        if (Script is not null)
        {
            // A script that knows nothing yet would have the coordinator learn that its drafts are worth nothing.
            await RunBatchAsync(1, SpeculationOptions.Off, cancellation);
        }
        await RunBatchAsync(1, speculate ? Speculation : SpeculationOptions.Off, cancellation);
        var results = new List<BenchResult>();
        foreach (int batch in batches)
        {
            SpeculationOptions[] modes = speculate ? [SpeculationOptions.Off, Speculation] : [SpeculationOptions.Off];
            var runs = new List<BenchRun>[modes.Length];
            long?[] pauses = engine.Pauses is null ? new long?[modes.Length] : [.. modes.Select(_ => (long?)0)];
            for (int run = 0; run < Runs; run++)
            {
                Progress($"batch {batch}, run {run + 1} of {Runs}");
                for (int mode = 0; mode < modes.Length; mode++)
                {
                    long? before = engine.Pauses;
                    (runs[mode] ??= []).Add(await RunBatchAsync(batch, modes[mode], cancellation));
                    pauses[mode] += engine.Pauses - before;
                }
                _firstPrompt += batch;
            }
            for (int mode = 0; mode < modes.Length; mode++)
            {
                results.Add(Summarise(batch, mode > 0, runs[mode], pauses[mode]));
            }
        }
        return results;
    }

    private async Task<BenchRun> RunBatchAsync(int batch, SpeculationOptions speculation, CancellationToken cancellation)
    {
        var sequences = new Task<TokenGeneration>[batch];
        int promptTokens = 0;
        for (int i = 0; i < batch; i++)
        {
            int[] prompt = Prompts[(_firstPrompt + i) % Prompts.Count];
            promptTokens += prompt.Length;
            sequences[i] = TokenGeneration.RunAsync(engine.Generator, Request(prompt, _firstPrompt + i, speculation), time, null, cancellation);
        }
        TokenGeneration[] generated = await Task.WhenAll(sequences);
        for (int i = 0; i < batch && speculation == SpeculationOptions.Off; i++)
        {
            Script?.Show([.. Prompts[(_firstPrompt + i) % Prompts.Count], .. generated[i].Tokens]);
        }
        return BenchRun.From(promptTokens, generated, time);
    }

    private GenerationRequest Request(int[] prompt, int number, SpeculationOptions speculation)
    {
        int room = engine.ContextTokens - prompt.Length;
        if (room < 1)
        {
            throw new CliException($"A prompt of {prompt.Length} tokens does not fit the model's context of {engine.ContextTokens}; lower --prompt-tokens.");
        }
        return new GenerationRequest
        {
            RequestId = "bench",
            PromptTokens = prompt,
            // A seed of its own for every sequence keeps samples independent; equal seeds would repeat the noise.
            Sampling = Sampling with { Seed = Sampling.Seed + (ulong)number, BannedTokens = UntilEnd ? [] : engine.Tokenizer.EndTokens },
            MaxTokens = Math.Min(Tokens, room),
            StopTokens = UntilEnd ? engine.Tokenizer.EndTokens : [],
            Speculation = speculation,
            UsePrefixCache = false,
        };
    }

    private BenchResult Summarise(int batch, bool speculation, List<BenchRun> runs, long? pauses) => new()
    {
        Batch = batch,
        Speculation = speculation,
        PrefillTokensPerSecond = BenchRun.Median([.. runs.Select(run => run.PrefillTokensPerSecond)]),
        DecodeTokensPerSecond = BenchRun.Median([.. runs.Select(run => run.DecodeTokensPerSecond)]),
        DecodeSamples = [.. runs.Select(run => run.DecodeTokensPerSecond)],
        TokensPerSecond = BenchRun.Median([.. runs.Select(run => run.TokensPerSecond)]),
        TimeToFirstTokenMs = BenchRun.Median([.. runs.Select(run => run.TimeToFirstTokenMs)]),
        AcceptLength = BenchRun.Median([.. runs.Select(run => run.AcceptLength)]),
        AcceptLengthSamples = [.. runs.Select(run => run.AcceptLength)],
        Acceptance = BenchRun.Median([.. runs.Select(run => run.Acceptance)]),
        AcceptanceSamples = [.. runs.Select(run => run.Acceptance)],
        PeakMemoryBytes = engine.PeakMemoryBytes,
        Pauses = pauses,
        Runs = runs.Count,
    };
}
