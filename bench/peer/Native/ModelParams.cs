using System.Runtime.InteropServices;

namespace Winnow.Peer.Native;

/// <summary><c>struct llama_model_params</c> of llama.h, release 0.5.0.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ModelParams
{
    public nint Devices;
    public nint TensorBufferOverrides;
    public int GpuLayers;
    public int SplitMode;
    public int LoadMode;
    public int LazyMode;
    public int MainGpu;
    public nint TensorSplit;
    public nint ProgressCallback;
    public nint ProgressCallbackUserData;
    public nint KeyValueOverrides;
    public byte VocabularyOnly;
    public byte CheckTensors;
    public byte UseExtraBufferTypes;
    public byte NoHost;
    public byte NoAllocation;
    public byte LoadMtp;
}
