namespace Winnow.Inference.Cpu.Emitted;

/// <summary>Memory operand: <c>Base + Index * Scale + Displacement</c>.</summary>
/// <param name="Base">Base register.</param>
/// <param name="Displacement">Bytes.</param>
/// <param name="Index">Index register, not <c>rsp</c>.</param>
/// <param name="Scale">1, 2, 4 or 8.</param>
internal readonly record struct Address(Gpr Base, int Displacement = 0, Gpr? Index = null, int Scale = 1)
{
    /// <summary>The same place so many bytes on.</summary>
    public Address Plus(int bytes) => this with { Displacement = Displacement + bytes };
}

/// <summary>General-purpose registers by their numbers in machine code.</summary>
internal enum Gpr
{
    Rax = 0,
    Rcx = 1,
    Rdx = 2,
    Rbx = 3,
    Rsp = 4,
    Rbp = 5,
    Rsi = 6,
    Rdi = 7,
    R8 = 8,
    R9 = 9,
    R10 = 10,
    R11 = 11,
    R12 = 12,
    R13 = 13,
    R14 = 14,
    R15 = 15,
}
