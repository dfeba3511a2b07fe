using System.Runtime.InteropServices;

namespace Winnow.Inference.Cpu.Emitted;

/// <summary>What emitted scores and emitted weighted sums share. System V calling convention, with <see cref="AttentionArguments"/> as the one parameter.</summary>
/// <typeparam name="TElements">Elements of keys and values.</typeparam>
internal abstract class AttentionCode<TElements>(EvexAssembler code)
    where TElements : struct, IElements
{
    /// <summary>Floats from one query's scores to the next one's, in bytes.</summary>
    protected const int ScoreStride = AttentionQueries.SpanTokens * sizeof(float);

    /// <summary>Bytes of a vector of floats.</summary>
    protected const int VectorBytes = 64;

    private const int CacheLine = 64;

    /// <summary>The assembler.</summary>
    protected EvexAssembler Code => code;

    /// <summary>Bytes of 16 stored elements.</summary>
    protected static int StoredBytes => TElements.Size * ILanes<Lanes512>.Count;

    /// <summary>A field of the arguments.</summary>
    protected static Address ArgumentAt(string field) => new(Gpr.Rdi, (int)Marshal.OffsetOf<AttentionArguments>(field));

    /// <summary>Emits a load of 16 stored elements as floats.</summary>
    protected void EmitLoad(int destination, Address source) =>
        code.Vector(default(TElements) is HalfElements ? VectorOp.WidenHalves : VectorOp.Load, destination, 0, source);

    /// <summary>Emits a request for the line at an address if <paramref name="bytes"/> into its piece a line begins.</summary>
    protected void EmitPrefetch(Address address, int bytes)
    {
        if (bytes % CacheLine == 0)
        {
            code.Prefetch(address);
        }
    }

    /// <summary>Emits zeros.</summary>
    protected void EmitZero(int vector) => code.Vector(VectorOp.Xor, vector, vector, vector);
}
