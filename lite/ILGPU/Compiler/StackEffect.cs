using System.Reflection.Metadata;

namespace ILGPU.Compiler;

/// <summary>How many entries an instruction pops, and what it pushes.</summary>
/// <param name="Pops">The entries that it pops.</param>
/// <param name="Pushes">What it pushes, from what it popped and its type operand; null for nothing.</param>
internal sealed record StackEffect(int Pops, Func<StackItem[], Type?, StackItem>? Pushes)
{
    private static readonly Dictionary<ILOpCode, StackEffect> Table = Build();

    /// <summary>Whether what an address on the stack points into is not changed: it is only read, or the address goes on.</summary>
    internal bool OnlyReads { get; private init; }

    internal static StackEffect? Of(ILOpCode code) => Table.GetValueOrDefault(code);

    private static Dictionary<ILOpCode, StackEffect> Build()
    {
        Dictionary<ILOpCode, StackEffect> table = [];
        AddConstants(table);
        AddArithmetic(table);
        AddConversions(table);
        AddMemory(table);
        return table;
    }

    private static void AddConstants(Dictionary<ILOpCode, StackEffect> table)
    {
        for (ILOpCode code = ILOpCode.Ldc_i4_m1; code <= ILOpCode.Ldc_i4; code++)
        {
            Add(table, 0, typeof(int), code);
        }

        Add(table, 0, typeof(long), ILOpCode.Ldc_i8);
        Add(table, 0, typeof(float), ILOpCode.Ldc_r4);
        Add(table, 0, typeof(double), ILOpCode.Ldc_r8);
        Add(table, 0, typeof(object), ILOpCode.Ldnull);
        Add(table, 0, typeof(string), ILOpCode.Ldstr);
        Add(table, 0, typeof(int), ILOpCode.Sizeof);
        Add(table, 0, null, ILOpCode.Nop, ILOpCode.Break, ILOpCode.Constrained, ILOpCode.Volatile, ILOpCode.Unaligned, ILOpCode.Readonly);
        Add(table, 1, null, ILOpCode.Pop, ILOpCode.Throw);
    }

    private static void AddArithmetic(Dictionary<ILOpCode, StackEffect> table)
    {
        StackEffect both = new(2, (popped, _) => Combine(popped[0], popped[1])) { OnlyReads = true };
        StackEffect first = new(2, (popped, _) => popped[0]);
        StackEffect same = new(1, (popped, _) => popped[0]);
        Add(table, both, ILOpCode.Add, ILOpCode.Sub, ILOpCode.Mul, ILOpCode.Div, ILOpCode.Div_un, ILOpCode.Rem, ILOpCode.Rem_un, ILOpCode.And, ILOpCode.Or, ILOpCode.Xor,
            ILOpCode.Add_ovf, ILOpCode.Add_ovf_un, ILOpCode.Sub_ovf, ILOpCode.Sub_ovf_un, ILOpCode.Mul_ovf, ILOpCode.Mul_ovf_un);
        Add(table, first, ILOpCode.Shl, ILOpCode.Shr, ILOpCode.Shr_un);
        Add(table, same, ILOpCode.Neg, ILOpCode.Not);
        Add(table, 2, typeof(int), ILOpCode.Ceq, ILOpCode.Cgt, ILOpCode.Cgt_un, ILOpCode.Clt, ILOpCode.Clt_un);
    }

    private static void AddConversions(Dictionary<ILOpCode, StackEffect> table)
    {
        Add(table, 1, typeof(int), ILOpCode.Conv_i1, ILOpCode.Conv_i2, ILOpCode.Conv_i4, ILOpCode.Conv_u1, ILOpCode.Conv_u2, ILOpCode.Conv_u4,
            ILOpCode.Conv_ovf_i1, ILOpCode.Conv_ovf_i2, ILOpCode.Conv_ovf_i4, ILOpCode.Conv_ovf_u1, ILOpCode.Conv_ovf_u2, ILOpCode.Conv_ovf_u4,
            ILOpCode.Conv_ovf_i1_un, ILOpCode.Conv_ovf_i2_un, ILOpCode.Conv_ovf_i4_un, ILOpCode.Conv_ovf_u1_un, ILOpCode.Conv_ovf_u2_un, ILOpCode.Conv_ovf_u4_un);
        Add(table, 1, typeof(long), ILOpCode.Conv_i8, ILOpCode.Conv_u8, ILOpCode.Conv_ovf_i8, ILOpCode.Conv_ovf_u8, ILOpCode.Conv_ovf_i8_un, ILOpCode.Conv_ovf_u8_un);
        Add(table, new StackEffect(1, (popped, _) => new(typeof(nint), popped[0].Targets)) { OnlyReads = true }, ILOpCode.Conv_i, ILOpCode.Conv_u, ILOpCode.Conv_ovf_i, ILOpCode.Conv_ovf_u);
        Add(table, 1, typeof(float), ILOpCode.Conv_r4);
        Add(table, 1, typeof(double), ILOpCode.Conv_r8, ILOpCode.Conv_r_un);
    }

    private static void AddMemory(Dictionary<ILOpCode, StackEffect> table)
    {
        Add(table, 1, typeof(int), ILOpCode.Ldind_i1, ILOpCode.Ldind_u1, ILOpCode.Ldind_i2, ILOpCode.Ldind_u2, ILOpCode.Ldind_i4, ILOpCode.Ldind_u4);
        Add(table, 1, typeof(long), ILOpCode.Ldind_i8);
        Add(table, 1, typeof(nint), ILOpCode.Ldind_i);
        Add(table, 1, typeof(float), ILOpCode.Ldind_r4);
        Add(table, 1, typeof(double), ILOpCode.Ldind_r8);
        Add(table, new StackEffect(1, (_, type) => StackItem.Of(type!)) { OnlyReads = true }, ILOpCode.Ldobj);
        Add(table, 1, null, ILOpCode.Initobj);
        Add(table, 2, null, ILOpCode.Stobj, ILOpCode.Cpobj, ILOpCode.Stind_i, ILOpCode.Stind_i1, ILOpCode.Stind_i2, ILOpCode.Stind_i4, ILOpCode.Stind_i8, ILOpCode.Stind_r4, ILOpCode.Stind_r8);
        Add(table, 3, null, ILOpCode.Cpblk, ILOpCode.Initblk);
    }

    private static void Add(Dictionary<ILOpCode, StackEffect> table, int pops, Type? pushed, params ReadOnlySpan<ILOpCode> codes)
        => Add(table, new StackEffect(pops, pushed is null ? null : (_, _) => StackItem.Of(pushed)) { OnlyReads = pushed is not null }, codes);

    private static void Add(Dictionary<ILOpCode, StackEffect> table, StackEffect effect, params ReadOnlySpan<ILOpCode> codes)
    {
        foreach (ILOpCode code in codes)
        {
            table[code] = effect;
        }
    }

    private static StackItem Combine(StackItem left, StackItem right)
    {
        if (left.Type.IsByRef != right.Type.IsByRef)
        {
            return left.Type.IsByRef ? left : right;
        }

        if (left.Type.IsByRef || left.Type.IsPointer || right.Type.IsPointer || left.Type == typeof(nint) || right.Type == typeof(nint))
        {
            return new(typeof(nint), left.Targets.Union(right.Targets));
        }

        return left.Type == typeof(double) || right.Type == typeof(double) ? StackItem.Of(typeof(double)) : left;
    }
}
