using System.Runtime.InteropServices;

namespace Winnow.Peer.Native;

/// <summary><c>struct llama_batch</c> of llama.h, release 0.5.0; its arrays come from <c>llama_batch_init</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Batch
{
    public int TokenCount;
    public int* Tokens;
    public float* Embeddings;
    public int* Positions;
    public int* SequenceCounts;
    public int** SequenceIds;
    public sbyte* Outputs;
}
