using System.Runtime.InteropServices;

namespace Winnow.Inference.Files;

/// <summary>
/// Models of real shapes with random weights and without a file, for measuring speed. All matrices are views of the same bytes, as many as the
/// largest of them has: a backend that copies weights, as devices do, has as much to read as of a real model.
/// </summary>
public static unsafe class RandomModel
{
    private const int Seed = 1;
    private const int PatternBytes = 1 << 20;
    private const int Alignment = 64;
    private const float NormEpsilon = 1e-5f;
    private const float RopeBase = 500_000f;

    /// <summary>Makes a model.</summary>
    /// <param name="name">Name of the shape, for messages.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="type">Type of the matrices; vectors are F32.</param>
    /// <exception cref="ArgumentException">Rows of the shape are no whole blocks of the type.</exception>
    public static ModelFile Create(string name, RandomModelShape shape, GgmlType type)
    {
        ArgumentNullException.ThrowIfNull(shape);
        RequireWholeBlocks(name, shape, type);
        long matrixBytes = shape.Matrices().Max(matrix => type.RowBytes(matrix.Columns) * matrix.Rows);
        long normsAt = (matrixBytes + Alignment - 1) / Alignment * Alignment;
        int normBytes = shape.ModelSize * sizeof(float);
        string path = $"{name} (random {type})";
        ModelFilePart part = ModelFilePart.Computed(path, normsAt + normBytes);
        Fill(part.Start, matrixBytes, type, 1 / MathF.Sqrt(shape.ModelSize));
        new Span<float>(part.Start + normsAt, shape.ModelSize).Fill(1);
        return ModelFile.Compose(path, new ModelFileContents
        {
            Format = ModelFileFormat.Gguf,
            Parts = [part],
            Metadata = Metadata(path, shape),
            Tensors =
            [
                .. shape.Matrices().Select(m => new GgufTensor($"{m.Name}.weight", type, [m.Columns, m.Rows], 0, type.RowBytes(m.Columns) * m.Rows)),
                .. shape.Norms().Select(norm => new GgufTensor($"{norm}.weight", GgmlType.F32, [shape.ModelSize], normsAt, normBytes)),
            ],
        });
    }

    private static void RequireWholeBlocks(string name, RandomModelShape shape, GgmlType type)
    {
        int elements = type.BlockElements();
        if (shape.ModelSize % elements != 0 || shape.FeedForwardSize % elements != 0)
        {
            throw new ArgumentException(
                $"Rows of '{shape.ModelSize}' and '{shape.FeedForwardSize}' weights of shape '{name}' are no whole blocks of '{type}'; "
                + $"choose a type with blocks that divide both, '{type}' has {elements}.",
                nameof(type));
        }
    }

    // A megabyte of random blocks, again and again.
    private static void Fill(byte* start, long bytes, GgmlType type, float deviation)
    {
        int blockBytes = type.BlockBytes();
        long pattern = Math.Min(PatternBytes / blockBytes * blockBytes, bytes);
        Random random = new(Seed);
        for (long at = 0; at < pattern; at += blockBytes)
        {
            RandomWeights.Fill(type, new Span<byte>(start + at, blockBytes), random, deviation);
        }
        for (long done = pattern; done < bytes; done += pattern)
        {
            NativeMemory.Copy(start, start + done, (nuint)Math.Min(pattern, bytes - done));
        }
    }

    private static GgufMetadata Metadata(string path, RandomModelShape shape)
    {
        Dictionary<string, GgufValue> values = new(StringComparer.Ordinal)
        {
            ["general.architecture"] = new(GgufValueType.String, null, "llama"),
            ["llama.attention.layer_norm_rms_epsilon"] = new(GgufValueType.Float32, null, NormEpsilon),
            ["llama.rope.freq_base"] = new(GgufValueType.Float32, null, RopeBase),
        };
        foreach ((string key, int value) in new[]
        {
            ("context_length", shape.ContextTokens), ("embedding_length", shape.ModelSize), ("block_count", shape.Layers),
            ("feed_forward_length", shape.FeedForwardSize), ("attention.head_count", shape.Heads), ("attention.head_count_kv", shape.KvHeads),
            ("rope.dimension_count", shape.HeadSize), ("vocab_size", shape.VocabularySize),
        })
        {
            values[$"llama.{key}"] = new(GgufValueType.UInt32, null, (uint)value);
        }
        return new GgufMetadata(path, values, [.. values.Keys]);
    }
}
