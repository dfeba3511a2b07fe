namespace Winnow.Peer.Commands;

/// <summary>How <see cref="SpeedTest"/> measures.</summary>
/// <param name="Threads">Threads.</param>
/// <param name="Tokens">Tokens that each sequence of a decode generates.</param>
/// <param name="Repetitions">Samples of each figure.</param>
/// <param name="KvF32">KV cache in F32 instead of F16.</param>
/// <param name="FlashAttention">On, off, or as llama.cpp decides.</param>
internal sealed record SpeedTestOptions(int Threads, int Tokens, int Repetitions, bool KvF32, bool? FlashAttention);
