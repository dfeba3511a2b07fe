namespace Winnow.Inference.Cpu.Emitted;

/// <summary>
/// Scores of some queries against groups of key tiles [head size][16]: an accumulator for each query and tile, chained over the head's elements in
/// order, times the scale.
/// </summary>
/// <remarks>For every line of keys it reads it asks for one of a tile that will be read later, so that memory is never idle and never crowded.</remarks>
/// <typeparam name="TElements">Elements of keys.</typeparam>
internal sealed class ScoreCode<TElements>(EvexAssembler code, int queries) : AttentionCode<TElements>(code)
    where TElements : struct, IElements
{
    private const int ElementsPerStep = 2;
    private const int Element = 24;
    private const int Key = 26;
    private const int Scale = 31;
    private const Gpr Factors = Gpr.Rsi;
    private const Gpr Steps = Gpr.Rax;
    private const Gpr Offset = Gpr.Rcx;
    private const Gpr Scores = Gpr.Rdx;
    private const Gpr List = Gpr.R14;
    private const Gpr Groups = Gpr.R15;
    private static readonly Gpr[] Tiles = [Gpr.R8, Gpr.R9, Gpr.R10, Gpr.R11];
    private static readonly Gpr[] Ahead = [Gpr.Rbx, Gpr.Rbp, Gpr.R12, Gpr.R13];
    private static readonly Gpr[] Saved = [Gpr.Rbx, Gpr.Rbp, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15];
    private readonly int _tiles = ScoreCode.TilesTogether(queries);

    /// <summary>Emits everything.</summary>
    public void Emit()
    {
        foreach (Gpr register in Saved)
        {
            Code.Push(register);
        }
        Code.Load(Scores, ArgumentAt(nameof(AttentionArguments.Scores)));
        Code.Load(List, ArgumentAt(nameof(AttentionArguments.Tiles)));
        Code.Load(Groups, ArgumentAt(nameof(AttentionArguments.Groups)));
        Code.Vector(VectorOp.BroadcastSingle, Scale, 0, ArgumentAt(nameof(AttentionArguments.Scale)));
        int loop = Code.Here();
        EmitGroup();
        Code.Decrement(Groups);
        Code.JumpIfNotZero(loop);
        Code.ZeroUpper();
        foreach (Gpr register in Saved.Reverse())
        {
            Code.Pop(register);
        }
        Code.Return();
    }

    private void EmitGroup()
    {
        for (int tile = 0; tile < _tiles; tile++)
        {
            Code.Load(Tiles[tile], new Address(List, tile * sizeof(long)));
            Code.Load(Ahead[tile], new Address(List, (_tiles + tile) * sizeof(long)));
        }
        for (int sum = 0; sum < queries * _tiles; sum++)
        {
            EmitZero(sum);
        }
        Code.Load(Factors, ArgumentAt(nameof(AttentionArguments.Factors)));
        Code.Load(Steps, ArgumentAt(nameof(AttentionArguments.Steps)));
        Code.Set(Offset, 0);
        int loop = Code.Here();
        for (int element = 0; element < ElementsPerStep; element++)
        {
            EmitElement(element);
        }
        Code.Add(Factors, ElementsPerStep * queries * sizeof(float));
        Code.Add(Offset, ElementsPerStep * StoredBytes);
        Code.Decrement(Steps);
        Code.JumpIfNotZero(loop);
        for (int sum = 0; sum < queries * _tiles; sum++)
        {
            Code.Vector(VectorOp.Multiply, sum, sum, Scale);
            Code.Vector(VectorOp.Store, sum, 0, new Address(Scores, (sum / _tiles * ScoreStride) + (sum % _tiles * VectorBytes)));
        }
        Code.Add(Scores, _tiles * VectorBytes);
        Code.Add(List, 2 * _tiles * sizeof(long));
    }

    private void EmitElement(int element)
    {
        int bytes = element * StoredBytes;
        for (int tile = 0; tile < _tiles; tile++)
        {
            EmitLoad(Key + tile, new Address(Tiles[tile], bytes, Offset));
            EmitPrefetch(new Address(Ahead[tile], bytes, Offset), bytes);
        }
        for (int query = 0; query < queries; query++)
        {
            int factor = Element + (query % 2);
            Code.Vector(VectorOp.BroadcastSingle, factor, 0, new Address(Factors, ((element * queries) + query) * sizeof(float)));
            for (int tile = 0; tile < _tiles; tile++)
            {
                Code.Vector(VectorOp.MultiplyAdd, (query * _tiles) + tile, factor, Key + tile);
            }
        }
    }
}

/// <summary>Shape of emitted scores.</summary>
internal static class ScoreCode
{
    /// <summary>Tiles of a group: enough chains side by side that none waits for the one before, and no more than there are registers for.</summary>
    public static int TilesTogether(int queries) => queries > 4 ? 2 : 4;
}
