namespace Winnow.Inference.Cpu.Emitted;

/// <summary>Addresses of up to four rows that lie one stride apart: a base, its stride and three times the stride in registers.</summary>
/// <param name="Start">First row.</param>
/// <param name="Stride">Bytes from row to row.</param>
/// <param name="Stride3">Three times the stride.</param>
internal readonly record struct RowAddresses(Gpr Start, Gpr Stride, Gpr Stride3)
{
    /// <summary>So many bytes into a row.</summary>
    public Address Of(int row, int bytes = 0) => row switch
    {
        0 => new Address(Start, bytes),
        1 => new Address(Start, bytes, Stride),
        2 => new Address(Start, bytes, Stride, 2),
        _ => new Address(Start, bytes, Stride3),
    };
}
