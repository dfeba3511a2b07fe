namespace Winnow.Inference.Cpu.Emitted;

/// <summary>
/// Weighted sums of values for some queries and some vectors of the head: an accumulator for each query and vector, chained over the values in
/// order of position.
/// </summary>
/// <remarks>For every line of values it reads it asks for one of a tile that will be read later.</remarks>
/// <typeparam name="TElements">Elements of values.</typeparam>
internal sealed class MixCode<TElements>(EvexAssembler code, int queries, int vectors) : AttentionCode<TElements>(code)
    where TElements : struct, IElements
{
    private const int Weight = 24;
    private const int Value = 26;
    private const Gpr Weights = Gpr.Rsi;
    private const Gpr Rows = Gpr.Rax;
    private const Gpr List = Gpr.Rcx;
    private const Gpr Groups = Gpr.Rdx;
    private const Gpr Tile = Gpr.R8;
    private const Gpr Ahead = Gpr.R9;
    private const Gpr RowBytes = Gpr.R10;
    private const Gpr Offset = Gpr.R11;

    /// <summary>Emits everything.</summary>
    public void Emit()
    {
        EmitOutputs(VectorOp.Load);
        Code.Load(Weights, ArgumentAt(nameof(AttentionArguments.Factors)));
        Code.Load(List, ArgumentAt(nameof(AttentionArguments.Tiles)));
        Code.Load(Groups, ArgumentAt(nameof(AttentionArguments.Groups)));
        Code.Load(RowBytes, ArgumentAt(nameof(AttentionArguments.RowBytes)));
        Code.Load(Offset, ArgumentAt(nameof(AttentionArguments.ValueOffset)));
        int loop = Code.Here();
        EmitTile();
        Code.Decrement(Groups);
        Code.JumpIfNotZero(loop);
        EmitOutputs(VectorOp.Store);
        Code.ZeroUpper();
        Code.Return();
    }

    private void EmitTile()
    {
        Code.Load(Tile, new Address(List));
        Code.Load(Ahead, new Address(List, sizeof(long)));
        Code.LoadAddress(Tile, new Address(Tile, 0, Offset));
        Code.LoadAddress(Ahead, new Address(Ahead, 0, Offset));
        Code.Load(Rows, ArgumentAt(nameof(AttentionArguments.Steps)));
        int loop = Code.Here();
        for (int vector = 0; vector < vectors; vector++)
        {
            int bytes = vector * StoredBytes;
            EmitLoad(Value + vector, new Address(Tile, bytes));
            EmitPrefetch(new Address(Ahead, bytes), bytes);
        }
        for (int query = 0; query < queries; query++)
        {
            int weight = Weight + (query % 2);
            Code.Vector(VectorOp.BroadcastSingle, weight, 0, new Address(Weights, query * ScoreStride));
            for (int vector = 0; vector < vectors; vector++)
            {
                Code.Vector(VectorOp.MultiplyAdd, (query * vectors) + vector, weight, Value + vector);
            }
        }
        Code.LoadAddress(Tile, new Address(Tile, 0, RowBytes));
        Code.LoadAddress(Ahead, new Address(Ahead, 0, RowBytes));
        Code.Add(Weights, sizeof(float));
        Code.Decrement(Rows);
        Code.JumpIfNotZero(loop);
        Code.Add(List, 2 * sizeof(long));
    }

    // Between memory and the accumulators.
    private void EmitOutputs(VectorOp op)
    {
        Code.Load(List, ArgumentAt(nameof(AttentionArguments.Outputs)));
        Code.Load(Offset, ArgumentAt(nameof(AttentionArguments.OutputOffset)));
        for (int query = 0; query < queries; query++)
        {
            Code.Load(Tile, new Address(List, query * sizeof(long)));
            for (int vector = 0; vector < vectors; vector++)
            {
                Code.Vector(op, (query * vectors) + vector, 0, new Address(Tile, vector * VectorBytes, Offset));
            }
        }
    }
}

/// <summary>Shape of emitted weighted sums.</summary>
internal static class MixCode
{
    /// <summary>Most vectors of the head at a time.</summary>
    public static int VectorsTogether(int queries) => queries > 4 ? 2 : 4;
}
