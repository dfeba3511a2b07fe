using Winnow.GpuWorker.Devices;
using Winnow.Inference.Execution;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;

namespace Winnow.Cli.Engine;

/// <summary>What a model expects at each position of given ids, whatever it would have chosen itself. Shards take the devices in turn.</summary>
internal sealed class TeacherForcing : IDisposable
{
    private const int ChunkRows = 64;
    private const int BlockTokens = 16;

    private readonly ModelFile _file;
    private readonly Dictionary<string, ComputeDevice> _devices = [];
    private readonly List<IShard> _shards = [];
    private readonly ForwardBatch _batch = new();
    private int _length;

    /// <summary>Loads the target into this process.</summary>
    /// <param name="options">Model, shards, threads and KV type.</param>
    /// <param name="tokens">Ids that <see cref="Run"/> will get.</param>
    /// <exception cref="ModelFileException">The file cannot be used.</exception>
    /// <exception cref="CliException">There are more shards than layers, or more ids than the model's context.</exception>
    public TeacherForcing(EngineOptions options, int tokens)
    {
        ModelPair.Check(options);
        _file = CliModels.Open(options.ModelPath);
        try
        {
            ModelConfiguration model = ModelConfigurationReader.Read(_file);
            if (tokens > model.ContextTokens)
            {
                throw new CliException($"The prompt and --teacher-ids have '{tokens}' ids together; the context of '{options.ModelPath}' has {model.ContextTokens}, give fewer.");
            }
            for (int i = 0; i < options.Shards; i++)
            {
                var shard = new ShardOptions
                {
                    FirstLayer = model.Layers * i / options.Shards,
                    LastLayer = model.Layers * (i + 1) / options.Shards,
                    KvBlockCount = (tokens + BlockTokens - 1) / BlockTokens,
                    KvBlockTokens = BlockTokens,
                    KvType = options.KvType,
                    Threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount,
                };
                _shards.Add(DeviceOf(options, i).Backend.LoadShard(_file, shard));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The devices of the shards, for people.</summary>
    public string Devices { get; private set; } = "";

    /// <summary>Runs ids after those of all calls before.</summary>
    /// <param name="tokens">At least one id.</param>
    /// <returns>The logits after the last.</returns>
    public float[] Next(ReadOnlySpan<int> tokens)
    {
        float[] logits = [];
        for (int start = 0; start < tokens.Length; start += ChunkRows)
        {
            ReadOnlySpan<int> chunk = tokens[start..Math.Min(start + ChunkRows, tokens.Length)];
            logits = Logits(chunk, _length, start + chunk.Length < tokens.Length ? chunk.Length : chunk.Length - 1);
            _length += chunk.Length;
        }
        return logits;
    }

    /// <summary>Runs the prompt and the teacher's ids; step i has seen the prompt and the teacher's first i ids.</summary>
    /// <param name="prompt">At least one id.</param>
    /// <param name="teacher">At least one id.</param>
    /// <param name="top">Most likely ids to report for each step, at least 1.</param>
    public IReadOnlyList<TeacherStep> Run(int[] prompt, int[] teacher, int top)
    {
        var steps = new List<TeacherStep>(teacher.Length);
        var softmax = new LogSoftmax(_shards[^1].Spec.VocabularySize);
        foreach (float[] row in Rows(prompt, teacher))
        {
            TokenLogprobs best = softmax.Of(row, teacher[steps.Count], top);
            steps.Add(new TeacherStep(best, [.. best.TopIds.Select(id => row[id])]));
        }
        return steps;
    }

    /// <summary>The logits of every step.</summary>
    /// <param name="prompt">At least one id.</param>
    /// <param name="teacher">At least one id.</param>
    public IEnumerable<float[]> Rows(int[] prompt, int[] teacher)
    {
        int[] tokens = [.. prompt, .. teacher.AsSpan()[..^1]];
        for (int start = 0; start < tokens.Length; start += ChunkRows)
        {
            int rows = Math.Min(ChunkRows, tokens.Length - start);
            int firstOutput = Math.Clamp(prompt.Length - 1 - start, 0, rows);
            float[] logits = Logits(tokens.AsSpan(start, rows), start, firstOutput);
            foreach (float[] row in logits.Chunk(_shards[^1].Spec.VocabularySize))
            {
                yield return row;
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _shards.ForEach(shard => shard.Dispose());
        foreach (ComputeDevice device in _devices.Values)
        {
            device.Dispose();
        }
        _file.Dispose();
    }

    private ComputeDevice DeviceOf(EngineOptions options, int shard)
    {
        DeviceSelection choice = ComputeDevice.ChoiceOf(options, shard);
        string name = choice.ToString();
        Devices += shard == 0 ? name : $",{name}";
        if (!_devices.TryGetValue(name, out ComputeDevice? device))
        {
            device = new ComputeDevice(choice);
            _devices.Add(name, device);
        }
        return device;
    }

    private float[] Logits(ReadOnlySpan<int> tokens, int baseLength, int firstOutput)
    {
        Fill(tokens, baseLength, firstOutput);
        int width = _shards[0].Spec.ModelSize;
        float[] hidden = [];
        foreach (IShard shard in _shards)
        {
            var output = new float[tokens.Length * width];
            shard.Forward(_batch, hidden, output, CancellationToken.None);
            hidden = output;
        }
        int outputs = tokens.Length - firstOutput;
        var logits = new float[outputs * _shards[^1].Spec.VocabularySize];
        if (outputs > 0)
        {
            _shards[^1].ComputeLogits(hidden.AsSpan(firstOutput * width), outputs, logits);
        }
        return logits;
    }

    private void Fill(ReadOnlySpan<int> tokens, int baseLength, int firstOutput)
    {
        _batch.Clear();
        ForwardSequence sequence = _batch.Add(tokens.Length);
        sequence.BaseLength = baseLength;
        sequence.FirstOutputRow = firstOutput;
        sequence.SetBlocks([.. Enumerable.Range(0, _shards[0].Spec.BlockCount)]);
        for (int i = 0; i < tokens.Length; i++)
        {
            sequence.Tokens[i] = tokens[i];
            sequence.Parents[i] = i - 1;
            sequence.Depths[i] = i;
            sequence.KvSlots[i] = baseLength + i;
        }
    }
}
