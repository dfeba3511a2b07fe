using System.Runtime.InteropServices;

namespace Winnow.Peer.Native;

/// <summary><c>struct llama_context_params</c> of llama.h, release 0.5.0.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ContextParams
{
    public uint ContextTokens;
    public uint BatchTokens;
    public uint MicroBatchTokens;
    public uint MaxSequences;
    public uint RecurrentSnapshots;
    public uint MaxOutputs;
    public uint MaxOutputsPerSequence;
    public int Threads;
    public int BatchThreads;
    public int ContextType;
    public int RopeScalingType;
    public int PoolingType;
    public int AttentionType;
    public int FlashAttention;
    public float RopeBase;
    public float RopeScale;
    public float YarnExtFactor;
    public float YarnAttentionFactor;
    public float YarnBetaFast;
    public float YarnBetaSlow;
    public uint YarnOriginalContext;
    public float DefragmentThreshold;
    public nint EvalCallback;
    public nint EvalCallbackUserData;
    public int KeyType;
    public int ValueType;
    public nint AbortCallback;
    public nint AbortCallbackData;
    public byte Embeddings;
    public byte OffloadKqv;
    public byte NoPerformanceTimings;
    public byte OffloadOperations;
    public byte FullSlidingWindowCache;
    public byte UnifiedKv;
    public nint Samplers;
    public nuint SamplerCount;
    public nint OtherContext;
}
