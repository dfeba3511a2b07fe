using System.Threading.Channels;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Tests.Coordination.Support;

/// <summary>A pipeline over a <see cref="FakeTarget"/>. Steps run at once, or one by one when a test releases them.</summary>
internal sealed class FakePipeline : ITargetPipeline
{
    public const int Vocabulary = 50;
    private readonly Channel<StepResult> _results = Channel.CreateUnbounded<StepResult>();
    private readonly Channel<StepBatch> _steps = Channel.CreateUnbounded<StepBatch>();
    private readonly FakeTarget _target;
    private int _waiting;
    private Action<IReadOnlyList<DraftMirror>>? _mirrors;

    public FakePipeline(int shards = 1, int blockCount = 256, int blockTokens = 4, int context = 512, long epoch = 1, int scratch = 128, int? exitRight = null, string numerics = "fake")
    {
        Shape = new PipelineShape
        {
            Epoch = epoch,
            Shards = shards,
            BlockTokens = blockTokens,
            BlockCount = blockCount,
            ScratchTokens = scratch,
            ContextTokens = context,
            VocabularySize = Vocabulary,
            HasExit = exitRight is not null,
            Numerics = [numerics],
            ProcessIds = [],
        };
        _target = new FakeTarget(blockCount, blockTokens, Vocabulary, scratch) { ExitRight = exitRight ?? 0 };
    }

    public PipelineShape Shape { get; }

    public ChannelReader<StepResult> Results => _results.Reader;

    /// <summary>Steps wait for <see cref="ReleaseAsync"/>.</summary>
    public bool Manual { get; init; }

    /// <summary>Changes a result before it goes out.</summary>
    public Func<StepBatch, StepResult, StepResult> Alter { get; set; } = static (_, result) => result;

    /// <summary>What the early exit tells of a step, before its result.</summary>
    public Func<SequenceRows, IEnumerable<DraftMirror>> Mirrors { get; set; } = static _ => [];

    /// <summary>Sees every step when it is sent.</summary>
    public Action<StepBatch>? Sent { get; set; }

    /// <summary>Every step so far.</summary>
    public List<StepBatch> Log { get; } = [];

    /// <summary>Sequences open on the target.</summary>
    public int OpenSlots => _target.OpenSlots;

    /// <summary>Steps sent and not yet answered.</summary>
    public int InFlight => Volatile.Read(ref _waiting);

    public bool IsDisposed { get; private set; }

    public ValueTask SendAsync(StepBatch batch, CancellationToken cancellation)
    {
        lock (Log)
        {
            Log.Add(batch);
        }
        Sent?.Invoke(batch);
        if (batch.Sequences.Exists(rows => rows.MirrorTokens > 0))
        {
            _mirrors?.Invoke([.. batch.Sequences.Where(rows => rows.MirrorTokens > 0).SelectMany(Mirrors)]);
        }
        Interlocked.Increment(ref _waiting);
        _steps.Writer.TryWrite(batch);
        if (!Manual)
        {
            Assert.True(_steps.Reader.TryRead(out StepBatch? next));
            Answer(next);
        }
        return ValueTask.CompletedTask;
    }

    public void OnMirrors(Action<IReadOnlyList<DraftMirror>> receive) => _mirrors = receive;

    /// <summary>Waits for the next step without answering it.</summary>
    public async Task<StepBatch> NextAsync()
    {
        using var limit = new CancellationTokenSource(TestLimits.Patience);
        while (true)
        {
            if (_steps.Reader.TryPeek(out StepBatch? batch))
            {
                return batch;
            }
            await _steps.Reader.WaitToReadAsync(limit.Token);
        }
    }

    /// <summary>Waits for the next step, runs it and answers.</summary>
    public async Task<StepBatch> ReleaseAsync()
    {
        await NextAsync();
        Assert.True(_steps.Reader.TryRead(out StepBatch? batch));
        Answer(batch);
        return batch;
    }

    public void Break(Exception? cause = null) => _results.Writer.TryComplete(cause ?? new IOException("the pipeline broke"));

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        _results.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    private void Answer(StepBatch batch)
    {
        StepResult result = Alter(batch, _target.Run(batch));
        Interlocked.Decrement(ref _waiting);
        _results.Writer.TryWrite(result);
    }
}
