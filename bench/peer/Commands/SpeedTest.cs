namespace Winnow.Peer.Commands;

/// <summary>Times one kind of work after another on a loaded model, each in a context of its own, after a few steps that do not count.</summary>
internal sealed class SpeedTest(PeerModel model, SpeedTestOptions options)
{
    private const int PromptTokens = 8;
    private const int FirstId = 300;
    private const int WarmUpSteps = 4;
    private const int WarmUpRows = 64;

    /// <summary>Decoding of several sequences side by side, greedily.</summary>
    /// <param name="sequences">Sequences.</param>
    /// <param name="depth">Tokens of each before the first that counts.</param>
    public BenchResult Decode(int sequences, int depth)
    {
        int before = Math.Max(depth, PromptTokens);
        using PeerContext context = Context(sequences, before + options.Tokens, outputs: 1);
        int[] next = new int[sequences];
        for (int sequence = 0; sequence < sequences; sequence++)
        {
            Prefill(context, before, sequence);
        }
        void Run(int steps)
        {
            for (int step = 0; step < steps; step++)
            {
                context.Begin();
                for (int sequence = 0; sequence < sequences; sequence++)
                {
                    context.Add(next[sequence], before + step, sequence, output: true);
                }
                context.Run();
                for (int sequence = 0; sequence < sequences; sequence++)
                {
                    next[sequence] = Best(context.Logits(sequence));
                }
            }
        }
        return Measure("decode", sequences, depth, sequences * options.Tokens,
            () => Run(Math.Min(WarmUpSteps, options.Tokens)), () => Run(options.Tokens), () => Cut(context, sequences, before));
    }

    /// <summary>A prompt of one sequence, with logits for its last token.</summary>
    public BenchResult Prefill(int tokens)
    {
        using PeerContext context = Context(1, tokens, outputs: 1);
        return Measure("prefill", tokens, 0, tokens,
            () => Best(Prefill(context, Math.Min(WarmUpRows, tokens), 0)), () => Best(Prefill(context, tokens, 0)), context.Clear);
    }

    /// <summary>A block of draft tokens of one sequence, with logits for each.</summary>
    public BenchResult Verify(int tokens, int depth)
    {
        int before = Math.Max(depth, PromptTokens);
        using PeerContext context = Context(1, before + tokens, outputs: tokens);
        Prefill(context, before, 0);
        void Run()
        {
            context.Begin();
            for (int i = 0; i < tokens; i++)
            {
                context.Add(Id(i), before + i, 0, output: true);
            }
            context.Run();
            for (int i = 0; i < tokens; i++)
            {
                Best(context.Logits(i));
            }
        }
        return Measure("verify", tokens, depth, tokens, Run, Run, () => Cut(context, 1, before));
    }

    private PeerContext Context(int sequences, int tokens, int outputs) => new(model, new PeerContextOptions
    {
        // llama.cpp gives each sequence its share, in whole blocks of 256.
        ContextTokens = sequences * ((tokens + 255) / 256 * 256),
        Sequences = sequences,
        OutputsPerSequence = outputs,
        Threads = options.Threads,
        KvF32 = options.KvF32,
        FlashAttention = options.FlashAttention,
    });

    private BenchResult Measure(string work, int count, int depth, int tokens, Action warmUp, Action run, Action reset)
    {
        warmUp();
        reset();
        double[] samples = new double[options.Repetitions];
        for (int i = 0; i < samples.Length; i++)
        {
            long start = TimeProvider.System.GetTimestamp();
            run();
            samples[i] = Math.Round(tokens / TimeProvider.System.GetElapsedTime(start).TotalSeconds, 2);
            reset();
        }
        return new BenchResult(work, count, depth, Samples.Median(samples), samples);
    }

    /// <summary>Runs a prompt of a sequence, with logits for its last token.</summary>
    public static ReadOnlySpan<float> Prefill(PeerContext context, int tokens, int sequence)
    {
        ReadOnlySpan<float> logits = default;
        for (int start = 0; start < tokens; start += PeerContext.MaxBatchTokens)
        {
            int[] ids = [.. Enumerable.Range(start, Math.Min(PeerContext.MaxBatchTokens, tokens - start)).Select(Id)];
            logits = context.Run(ids, start, sequence);
        }
        return logits;
    }

    private static void Cut(PeerContext context, int sequences, int from)
    {
        for (int sequence = 0; sequence < sequences; sequence++)
        {
            context.Cut(sequence, from);
        }
    }

    private static int Id(int position) => FirstId + (position * 37 % 499);

    private static int Best(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
        {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }
}
