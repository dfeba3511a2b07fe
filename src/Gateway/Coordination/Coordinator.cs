using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Winnow.Inference.Drafting.FromTokens;

namespace Winnow.Gateway.Coordination;

/// <summary>
/// Generates tokens for many requests at once: batches continuously, fills prompts in chunks, shares prefixes, speculates with a drafter, and
/// goes on with another replica when one breaks. One per model; all work is done by its one loop.
/// </summary>
public sealed class Coordinator : IGenerator, IAsyncDisposable
{
    private readonly CoordinatorLoop _loop;
    private readonly CoordinatorOptions _options;
    private readonly string _model;
    private readonly IReplicaSource _replicas;
    private Task? _running;
    private long _lastId;
    private volatile bool _closing;

    /// <summary>Prepares a coordinator; <see cref="Start"/> starts it.</summary>
    /// <param name="model">Model name, for metrics and sessions.</param>
    /// <param name="replicas">Where it gets the replica it runs on.</param>
    /// <param name="options">Limits, already validated.</param>
    /// <param name="time">Clock of deadlines and measurements.</param>
    /// <param name="logger">Log.</param>
    /// <param name="checkpoints">Who keeps resume points; <see langword="null"/> for nobody.</param>
    /// <param name="onFatal">Told of a fault of the coordinator itself, after which it refuses every request.</param>
    /// <param name="replica">Number of the replica, for metrics.</param>
    public Coordinator(
        string model,
        IReplicaSource replicas,
        CoordinatorOptions options,
        TimeProvider time,
        ILogger logger,
        ISessionCheckpoints? checkpoints = null,
        Action<Exception>? onFatal = null,
        int replica = 0)
    {
        _model = model;
        _replicas = replicas;
        _options = options;
        _loop = new CoordinatorLoop(model, replicas, options, time, logger, checkpoints, onFatal, replica);
    }

    /// <summary>
    /// Makes the drafters that guess from tokens, given the vocabulary's size. Default: those that come with Winnow (<see cref="TokenDrafters.CreateAll"/>). A name
    /// of one's own is asked for by <see cref="SpeculationOptions.Drafter"/>; <c>auto</c> uses every one. Set it before <see cref="Start"/>.
    /// </summary>
    public Func<int, IReadOnlyList<ITokenDrafter>> Drafters
    {
        get => _loop.Drafters;
        init => _loop.Drafters = value;
    }

    /// <summary>Sizes of the replica it runs on, or <see langword="null"/> while it has none.</summary>
    public PipelineShape? Shape => _loop.Shape;

    /// <summary>
    /// Takes requests: it has a replica, or had one and waits for the next, on which queued and running requests go on.
    /// </summary>
    public bool IsServing => _loop.Shape is not null || (_loop.Ready.Task.IsCompletedSuccessfully && !_loop.IsClosed && !_loop.IsRefusing);

    /// <summary>Why it has no replica yet, in one line; <see langword="null"/> when nothing has failed.</summary>
    public string? Obstacle => _loop.Shape is null ? _replicas.Obstacle : null;

    /// <summary>Counts as of the last step.</summary>
    public CoordinatorStatus Status => _loop.Status ?? new CoordinatorStatus
    {
        Running = 0,
        Waiting = 0,
        BlocksInUse = 0,
        BlockCount = 0,
        Steps = 0,
        Drafted = 0,
        Accepted = 0,
        Generated = 0,
        Pauses = 0,
        PrefixHits = 0,
        DraftTokens = 0,
    };

    /// <summary>Starts the loop, which acquires a replica first. Call it once.</summary>
    public void Start()
    {
        if (_running is not null)
        {
            throw new InvalidOperationException($"The coordinator of model '{_model}' has been started already.");
        }
        _running = Task.Run(_loop.RunAsync);
    }

    /// <summary>Waits for the first replica.</summary>
    /// <exception cref="GenerationException">There will be none.</exception>
    public Task<PipelineShape> WaitUntilReadyAsync(CancellationToken cancellation) => _loop.Ready.Task.WaitAsync(cancellation);

    /// <inheritdoc />
    public async IAsyncEnumerable<GeneratedTokens> GenerateAsync(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_loop.Shape is { } shape && Admission.Refusal(request, shape) is { } refusal)
        {
            throw refusal;
        }
        var sequence = new RunningSequence(Interlocked.Increment(ref _lastId), request, _options.OutputBuffer);
        if (_closing || !_loop.TryQueue(sequence))
        {
            throw _closing || _loop.IsClosed
                ? new GenerationException(GenerationErrors.Unavailable, $"Model '{_model}' is no longer served here; try again later.")
                : new GenerationException(GenerationErrors.Overloaded,
                    $"Model '{_model}' has '{_options.MaxQueue}' requests waiting, which is its limit; try again later.")
                { RetryAfter = QueueWait };
        }
        try
        {
            await foreach (GeneratedTokens tokens in sequence.Output.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                if (sequence.IsHeld)
                {
                    _loop.Post(new LoopEvent(LoopEventKind.Wake));
                }
                yield return tokens;
            }
        }
        finally
        {
            sequence.Cancel();
            _loop.Withdraw(sequence);
        }
    }

    /// <inheritdoc />
    public TimeSpan QueueWait => _loop.QueueWait;

    /// <summary>A choice goes on in another run: those that are here by now end, unless they are of a later one.</summary>
    internal void GiveWay(RunName run) => _loop.Post(new LoopEvent(LoopEventKind.GiveWay, Interlocked.Read(ref _lastId) + 1, run));

    /// <summary>Refuses new requests and waits for the open ones to end.</summary>
    /// <exception cref="OperationCanceledException">They did not end in time; <see cref="DisposeAsync"/> fails them.</exception>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        _closing = true;
        _loop.Post(new LoopEvent(LoopEventKind.Drain));
        await (_running ?? Task.CompletedTask).WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Ends the loop; open requests fail with <see cref="GenerationErrors.Unavailable"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        _closing = true;
        _loop.Post(new LoopEvent(LoopEventKind.Stop));
        await (_running ?? Task.CompletedTask).ConfigureAwait(false);
    }
}
