namespace Winnow.Peer.Native;

/// <summary>Compares the library's default parameters, as our structs read them, with the values in its sources: a struct that has moved shows here.</summary>
internal static class LayoutCheck
{
    private const int DefaultThreads = 4;
    private const int TypeF16 = 1;
    private const int TypeCount = 43;
    private const int FileTypeQ8 = 7;
    private const long QuantizeBufferBytes = 8L << 30;

    /// <summary>Checks every struct.</summary>
    /// <exception cref="PeerException">A value is not the one expected.</exception>
    public static void Run()
    {
        ModelParams model = LlamaApi.DefaultModelParams();
        Expect("llama_model_params",
            (model.GpuLayers, -1), (model.SplitMode, 1), (model.LoadMode, -1), (model.LazyMode, 1), (model.MainGpu, 0),
            (model.KeyValueOverrides, 0), (model.VocabularyOnly, 0), (model.UseExtraBufferTypes, 1), (model.NoHost, 0), (model.LoadMtp, 0));
        ContextParams context = LlamaApi.DefaultContextParams();
        Expect("llama_context_params",
            (context.ContextTokens, 512), (context.BatchTokens, 2048), (context.MicroBatchTokens, 512), (context.MaxSequences, 1),
            (context.Threads, DefaultThreads), (context.BatchThreads, DefaultThreads), (context.RopeScalingType, -1), (context.FlashAttention, -1),
            (context.RopeBase, 0), (context.YarnExtFactor, -1), (context.YarnBetaSlow, -1), (context.YarnOriginalContext, 0), (context.DefragmentThreshold, -1),
            (context.EvalCallback, 0), (context.KeyType, TypeF16), (context.ValueType, TypeF16), (context.Embeddings, 0), (context.OffloadKqv, 1),
            (context.NoPerformanceTimings, 1), (context.OffloadOperations, 1), (context.FullSlidingWindowCache, 1), (context.UnifiedKv, 0),
            (context.Samplers, 0), ((double)context.SamplerCount, 0), (context.OtherContext, 0));
        QuantizeParams quantize = LlamaApi.DefaultQuantizeParams();
        Expect("llama_model_quantize_params",
            (quantize.FileType, FileTypeQ8), (quantize.OutputTensorType, TypeCount), (quantize.TokenEmbeddingType, TypeCount),
            (quantize.QuantizeOutputTensor, 1), (quantize.Pure, 0), (quantize.ImportanceMatrix, 0), ((double)quantize.MaxBufferBytes, QuantizeBufferBytes));
    }

    private static void Expect(string name, params (double Found, double Expected)[] fields)
    {
        for (int i = 0; i < fields.Length; i++)
        {
            if (fields[i].Found != fields[i].Expected)
            {
                throw new PeerException($"Checked field {i + 1} of {name} defaults to '{fields[i].Found}', not to {fields[i].Expected}: the library's structs are not those of this program; install the version in bench/peer/package.json.");
            }
        }
    }
}
