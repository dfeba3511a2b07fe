using Winnow.Cli.Engine;
using Winnow.Cli.Output;
using Winnow.GpuWorker.Devices;
using Winnow.Inference.Cache;
using Winnow.Inference.Execution;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Bench;

/// <summary>
/// Measures the engine alone: one shard with all layers in this process, steps laid out here, no coordinator. It does what bench/peer does with
/// llama.cpp: the same tokens, the same order, one run before each figure that does not count.
/// </summary>
internal sealed class EngineBench : IDisposable
{
    /// <summary>Tokens of context at which memory is read, when nothing else is asked for.</summary>
    public const int DefaultContext = 2048;

    private const int BlockTokens = 16;
    private const int PromptTokens = 8;
    private const int WarmUpSteps = 4;
    private const int WarmUpRows = 64;

    // Until then the just-in-time compiler replaces methods by faster ones.
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(1);

    private readonly EngineBenchOptions _options;
    private readonly TimeProvider _time;
    private readonly OperationRecorder? _recorder;
    private readonly ModelFile _file;
    private readonly ComputeDevice _device;
    private readonly ModelFootprint _model;
    private readonly KvType _kvType;
    private readonly ShardEngine _engine;
    private long _epoch;

    /// <summary>Loads a model and runs its first token.</summary>
    /// <param name="engine">Model, device, threads and KV type.</param>
    /// <param name="options">What to measure.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="ModelFileException">The file cannot be used.</exception>
    /// <exception cref="DeviceException">The device is not there or cannot be used.</exception>
    /// <exception cref="CliException">The model's context is too short for what is to be measured.</exception>
    public EngineBench(EngineOptions engine, EngineBenchOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        bool isCpu = engine.Devices.All(device => device.IsCpu);
        _recorder = isCpu && (options.Profile || options.Roofline) ? new OperationRecorder(time) : null;
        _kvType = engine.KvType;
        _device = new ComputeDevice(engine);
        long start = time.GetTimestamp();
        try
        {
            _file = options.Shape is { } shape ? RandomModel.Create(engine.ModelPath, shape, options.Weights) : CliModels.Open(engine.ModelPath);
            _model = ModelFootprint.Read(_file);
            int longest = _model.Configuration.ContextTokens;
            Context = options.Context ?? Math.Min(DefaultContext, longest);
            _engine = BesideTokenizer(() => new ShardEngine(
                _device.Backend.LoadShard(_file, Shard(engine, longest)), new ShardEngineOptions { MaxDraftTokens = Math.Max(64, Largest(options.Verify)) }));
        }
        catch
        {
            _file?.Dispose();
            _device.Dispose();
            throw;
        }
        LoadTime = time.GetElapsedTime(start);
        var first = new EngineSequences(_engine, _epoch++, 1, Context);
        first.Prefill(1);
        FirstTokenTime = time.GetElapsedTime(start);
        if (options.FillContext)
        {
            first.Prefill(Context);
        }
        Memory = ResidentMemory.Read();
    }

    /// <summary>What computes.</summary>
    public IComputeBackend Backend => _device.Backend;

    /// <summary>The model, as messages name it.</summary>
    public string Model => Path.GetFileName(_file.Path);

    /// <summary>Tokens of context at which memory was read.</summary>
    public int Context { get; }

    /// <summary>Time to load the model and its tokeniser.</summary>
    public TimeSpan LoadTime { get; }

    /// <summary>Time from the start of loading to the token after a prompt of one token.</summary>
    public TimeSpan FirstTokenTime { get; }

    /// <summary>Memory after that, or after the context was filled.</summary>
    public ResidentMemory Memory { get; }

    /// <summary>Measures everything that was asked for.</summary>
    /// <param name="progress">Told what is measured.</param>
    public IReadOnlyList<EngineResult> Run(Action<string> progress)
    {
        progress("warming up");
        WarmUp();
        var results = new List<EngineResult>();
        foreach (int count in _options.Decode)
        {
            progress($"decode {count}");
            results.Add(Decode(count));
        }
        foreach (int tokens in _options.Prefill)
        {
            progress($"prefill {tokens}");
            results.Add(Prefill(tokens));
        }
        foreach (int rows in _options.Verify)
        {
            progress($"verify {rows}");
            results.Add(Verify(rows));
        }
        return [.. results.Select(result => result.BesideOne(results))];
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _engine.Dispose();
        _device.Dispose();
        _file.Dispose();
    }

    private static int Largest(IReadOnlyList<int> counts) => counts.Count == 0 ? 0 : counts.Max();

    // As `run` and `serve` do, the tokeniser is built while the weights are packed. Random weights have none.
    private ShardEngine BesideTokenizer(Func<ShardEngine> load)
    {
        if (_options.Shape is not null)
        {
            return load();
        }
        var tokenizer = Task.Run(() => TokenizerFactory.FromFile(_file));
        ShardEngine engine;
        try
        {
            engine = load();
        }
        finally
        {
            // It reads the mapped file, which a failure unmaps.
            _ = Task.WaitAny(tokenizer);
        }
        if (tokenizer.IsFaulted)
        {
            engine.Dispose();
        }
        _ = tokenizer.GetAwaiter().GetResult();
        return engine;
    }

    private ShardOptions Shard(EngineOptions engine, int longest)
    {
        int before = Math.Max(_options.Depth, PromptTokens);
        int tokens = Math.Max(Math.Max(Context, Largest(_options.Prefill)), before + Math.Max(_options.Tokens, Largest(_options.Verify)));
        if (tokens > longest)
        {
            throw new CliException($"The figures asked for need '{tokens}' tokens of one sequence; the context of '{engine.ModelPath}' has {longest}. Lower --depth, --prefill or --context.");
        }
        int sequences = Math.Max(1, Largest(_options.Decode));
        return new ShardOptions
        {
            KvBlockCount = Math.Max(
                EngineSequences.Blocks(tokens, BlockTokens), sequences * EngineSequences.Blocks(before + _options.Tokens, BlockTokens)),
            KvBlockTokens = BlockTokens,
            KvType = engine.KvType,
            Threads = engine.Threads,
            Profile = _recorder,
        };
    }

    private EngineResult Decode(int count)
    {
        int before = Math.Max(_options.Depth, PromptTokens);
        var sequences = new EngineSequences(_engine, _epoch++, count, before + _options.Tokens);
        sequences.Prefill(before);
        Steps(sequences, WarmUpSteps);
        sequences.Rewind();
        return Measure("decode", count, _options.Depth, count * _options.Tokens, _options.Tokens, () =>
        {
            Steps(sequences, _options.Tokens);
        }, sequences.Rewind, StepBytes(count, before + (_options.Tokens / 2)));
    }

    private EngineResult Prefill(int tokens)
    {
        var sequences = new EngineSequences(_engine, _epoch++, 1, tokens);
        sequences.Prefill(Math.Min(tokens, WarmUpRows));
        return Measure("prefill", tokens, 0, tokens, 1, () => sequences.Prefill(tokens), () => { });
    }

    private EngineResult Verify(int rows)
    {
        int before = Math.Max(_options.Depth, PromptTokens);
        var sequences = new EngineSequences(_engine, _epoch++, 1, before + rows);
        sequences.Prefill(before);
        sequences.Verify(rows);
        return Measure("verify", rows, _options.Depth, rows, 1, () => sequences.Verify(rows), () => { });
    }

    // What a decode step has to read: every matrix once, and the keys and values of each sequence in the middle of its run. Of experts it depends
    // on the rows; on the processor operations say what they read.
    private double? StepBytes(int count, int depth)
    {
        ModelConfiguration model = _model.Configuration;
        if (!_options.Roofline || _recorder is not null || model.LayerBlocks.Any(block => block.FeedForward.Experts is not null))
        {
            return null;
        }
        long kv = model.LayerBlocks.Sum(block => _model.KvBytes(1, block.Attention.Window == 0 ? depth : Math.Min(depth, block.Attention.Window), _kvType));
        return _model.LayerBytes.Sum() + _model.HeadBytes + ((double)count * kv);
    }

    private EngineResult Measure(string work, int count, int depth, int tokens, int steps, Action run, Action reset, double? bytes = null)
    {
        var samples = new double[_options.Runs];
        long sent = _engine.Shard.HostBytes;
        for (int i = 0; i < samples.Length; i++)
        {
            long start = _time.GetTimestamp();
            run();
            samples[i] = Math.Round(tokens / _time.GetElapsedTime(start).TotalSeconds, 2);
            reset();
        }
        sent = _engine.Shard.HostBytes - sent;
        double median = BenchRun.Median([.. samples]);
        IReadOnlyList<OperationTime>? operations = Profile(steps, run, reset);
        return new EngineResult
        {
            Work = work,
            Count = count,
            Depth = depth,
            TokensPerSecond = median,
            Samples = samples,
            StepMs = Math.Round(1000 * tokens / (median * steps), 4),
            Operations = operations,
            HostBytesPerStep = sent == 0 ? null : Math.Round(sent / ((double)steps * samples.Length), 1),
            BytesPerStep = operations?.Sum(operation => (double)operation.Bytes) ?? bytes,
        };
    }

    private IReadOnlyList<OperationTime>? Profile(int steps, Action run, Action reset)
    {
        if (_recorder is null)
        {
            return null;
        }
        _recorder.Clear();
        _recorder.IsOn = true;
        long start = _time.GetTimestamp();
        run();
        double seconds = _time.GetElapsedTime(start).TotalSeconds;
        _recorder.IsOn = false;
        reset();
        return OperationTime.From(_recorder.Totals, seconds, steps);
    }

    private static void Steps(EngineSequences sequences, int count)
    {
        for (int i = 0; i < count; i++)
        {
            sequences.Decode();
        }
    }

    private void WarmUp()
    {
        var sequences = new EngineSequences(_engine, _epoch++, 1, PromptTokens + _options.Tokens);
        long start = _time.GetTimestamp();
        do
        {
            sequences.Prefill(PromptTokens);
            Steps(sequences, Math.Min(WarmUpSteps, _options.Tokens));
        }
        while (_time.GetElapsedTime(start) < WarmUpTime);
    }
}
