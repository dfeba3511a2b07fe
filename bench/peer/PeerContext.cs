using Winnow.Peer.Native;

namespace Winnow.Peer;

/// <summary>A KV cache of llama.cpp and one reusable batch.</summary>
internal sealed unsafe class PeerContext : IDisposable
{
    /// <summary>Most rows of a batch.</summary>
    public const int MaxBatchTokens = 2048;

    private const int TypeF32 = 0;
    private const int TypeF16 = 1;
    private const int FlashAuto = -1;

    private readonly int _vocabularySize;
    private readonly int _maxTokens;
    private nint _context;
    private Batch _batch;

    /// <summary>Makes a context.</summary>
    /// <exception cref="PeerException">llama.cpp refused.</exception>
    public PeerContext(PeerModel model, PeerContextOptions options)
    {
        ContextParams parameters = LlamaApi.DefaultContextParams();
        parameters.ContextTokens = (uint)options.ContextTokens;
        parameters.BatchTokens = (uint)Math.Min(options.ContextTokens, MaxBatchTokens);
        parameters.MaxSequences = (uint)options.Sequences;
        parameters.Threads = parameters.BatchThreads = options.Threads;
        parameters.FlashAttention = options.FlashAttention is { } flash ? (flash ? 1 : 0) : FlashAuto;
        parameters.KeyType = parameters.ValueType = options.KvF32 ? TypeF32 : TypeF16;
        parameters.MaxOutputsPerSequence = (uint)options.OutputsPerSequence;
        _context = LlamaApi.CreateContext(model.Handle, parameters);
        if (_context == 0)
        {
            throw new PeerException($"llama.cpp makes no context of '{options.ContextTokens}' tokens for {options.Sequences} sequences; its reason is above.");
        }
        _vocabularySize = model.VocabularySize;
        _maxTokens = (int)parameters.BatchTokens;
        _batch = LlamaApi.CreateBatch(_maxTokens, 0, 1);
    }

    /// <summary>Empties the batch.</summary>
    public void Begin() => _batch.TokenCount = 0;

    /// <summary>Adds a row to the batch.</summary>
    public void Add(int token, int position, int sequence, bool output)
    {
        int row = _batch.TokenCount;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, _maxTokens, nameof(row));
        _batch.Tokens[row] = token;
        _batch.Positions[row] = position;
        _batch.SequenceCounts[row] = 1;
        _batch.SequenceIds[row][0] = sequence;
        _batch.Outputs[row] = (sbyte)(output ? 1 : 0);
        _batch.TokenCount = row + 1;
    }

    /// <summary>Computes the batch.</summary>
    /// <exception cref="PeerException">llama.cpp failed.</exception>
    public void Run()
    {
        int result = LlamaApi.Decode(_context, _batch);
        if (result != 0)
        {
            throw new PeerException($"llama_decode gave '{result}' for {_batch.TokenCount} tokens.");
        }
    }

    /// <summary>Computes tokens of one sequence, with logits for the last.</summary>
    public ReadOnlySpan<float> Run(scoped ReadOnlySpan<int> tokens, int position, int sequence = 0)
    {
        Begin();
        for (int i = 0; i < tokens.Length; i++)
        {
            Add(tokens[i], position + i, sequence, i == tokens.Length - 1);
        }
        Run();
        return Logits(tokens.Length - 1);
    }

    /// <summary>Logits of a row that asked for them.</summary>
    public ReadOnlySpan<float> Logits(int row) => new(LlamaApi.GetLogits(_context, row), _vocabularySize);

    /// <summary>Forgets all tokens.</summary>
    public void Clear() => LlamaApi.ClearMemory(LlamaApi.GetMemory(_context), data: false);

    /// <summary>Forgets a sequence's tokens from a position on.</summary>
    public void Cut(int sequence, int from)
    {
        if (!LlamaApi.RemoveTokens(LlamaApi.GetMemory(_context), sequence, from, -1))
        {
            throw new PeerException($"llama.cpp cannot cut sequence '{sequence}' at {from}.");
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_context != 0)
        {
            LlamaApi.FreeBatch(_batch);
            LlamaApi.FreeContext(_context);
            _context = 0;
        }
    }
}
