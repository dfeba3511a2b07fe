using System.Runtime.InteropServices;

namespace Winnow.Peer.Native;

/// <summary><c>struct llama_model_quantize_params</c> of llama.h, release 0.5.0.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct QuantizeParams
{
    public int Threads;
    public int FileType;
    public int OutputTensorType;
    public int TokenEmbeddingType;
    public byte AllowRequantize;
    public byte QuantizeOutputTensor;
    public byte OnlyCopy;
    public byte Pure;
    public byte KeepSplit;
    public byte DryRun;
    public nint ImportanceMatrix;
    public nint KeyValueOverrides;
    public nint TensorTypeOverrides;
    public nint PruneLayers;
    public nuint MaxBufferBytes;
}
