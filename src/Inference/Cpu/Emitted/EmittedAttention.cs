using System.Numerics;

namespace Winnow.Inference.Cpu.Emitted;

/// <summary>The entry points of emitted attention for one kind of elements, emitted all together when one is first asked for.</summary>
internal static unsafe class EmittedAttention<TElements>
    where TElements : struct, IElements
{
    private const int CodeAlignment = 64;
    private const int MostVectors = 4;
    private static readonly nint[] Scores = new nint[BitOperations.Log2(AttentionQueries.MostTogether) + 1];
    private static readonly nint[] Mixes = new nint[Scores.Length * MostVectors];

    static EmittedAttention()
    {
        EvexAssembler code = new();
        List<int> starts = [];
        for (int i = 0; i < Scores.Length; i++)
        {
            starts.Add(code.Align(CodeAlignment));
            new ScoreCode<TElements>(code, 1 << i).Emit();
        }
        for (int i = 0; i < Mixes.Length; i++)
        {
            int queries = 1 << (i / MostVectors);
            starts.Add(code.Align(CodeAlignment));
            new MixCode<TElements>(code, queries, Math.Min((i % MostVectors) + 1, MixCode.VectorsTogether(queries))).Emit();
        }
        if (!CodeMemory.TryPlace(code.ToArray(), out byte* start))
        {
            throw new InsufficientMemoryException("The system gave no memory for machine code.");
        }
        for (int i = 0; i < starts.Count; i++)
        {
            nint entry = (nint)start + starts[i];
            (i < Scores.Length ? ref Scores[i] : ref Mixes[i - Scores.Length]) = entry;
        }
    }

    /// <summary>Scores of 1, 2, 4 or 8 queries.</summary>
    public static void Score(int queries, AttentionArguments* arguments) => Run(Scores[BitOperations.Log2((uint)queries)], arguments);

    /// <summary>Weighted sums of 1, 2, 4 or 8 queries and of some vectors, at most <see cref="MixCode.VectorsTogether"/>.</summary>
    public static void Mix(int queries, int vectors, AttentionArguments* arguments) =>
        Run(Mixes[(BitOperations.Log2((uint)queries) * MostVectors) + vectors - 1], arguments);

    private static void Run(nint entry, AttentionArguments* arguments) =>
        ((delegate* unmanaged[SuppressGCTransition]<AttentionArguments*, void>)entry)(arguments);
}
