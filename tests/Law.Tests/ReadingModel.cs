using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Tokenizers;

namespace Winnow.Law.Tests;

/// <summary>A model that reads one text, all of whose blocks are its own.</summary>
internal sealed class ReadingModel : IDisposable
{
    private const int Blocks = 16;
    private readonly ModelFile _file;
    private readonly IShard _shard;
    private readonly IReadOnlyList<int> _ends;
    private readonly ForwardBatch _batch = new();
    private int _length;

    public ReadingModel(string path)
    {
        _file = ModelFile.Open(path);
        _ends = TokenizerFactory.FromFile(_file).EndTokens;
        _shard = new CpuBackend().LoadShard(_file, new ShardOptions { KvBlockCount = Blocks });
    }

    public int Vocabulary => _shard.Spec.VocabularySize;

    public bool IsEnd(int token) => _ends.Contains(token);

    /// <summary>Reads on; answers with the logits after the last token.</summary>
    public float[] Append(int[] tokens)
    {
        _batch.Clear();
        ForwardSequence rows = _batch.Add(tokens.Length);
        rows.BaseLength = _length;
        rows.FirstOutputRow = tokens.Length - 1;
        rows.SetBlocks([.. Enumerable.Range(0, Blocks)]);
        tokens.CopyTo(rows.Tokens);
        for (int row = 0; row < tokens.Length; row++)
        {
            rows.Parents[row] = row - 1;
            rows.Depths[row] = row;
            rows.KvSlots[row] = _length + row;
        }
        var hidden = new float[tokens.Length * _shard.Spec.ModelSize];
        _shard.Forward(_batch, [], hidden, CancellationToken.None);
        var logits = new float[Vocabulary];
        _shard.ComputeLogits(hidden.AsSpan(hidden.Length - _shard.Spec.ModelSize), 1, logits);
        _length += tokens.Length;
        return logits;
    }

    public void Dispose()
    {
        _shard.Dispose();
        _file.Dispose();
    }
}
