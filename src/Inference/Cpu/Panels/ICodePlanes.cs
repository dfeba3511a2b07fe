using System.Runtime.Intrinsics;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>
/// How the codes of 32 inputs of a panel's 16 outputs lie in memory. Codes are unsigned; a vector of 64 bytes holds, output by output, the codes
/// of four neighbouring inputs (a <em>chunk</em>), because that is what the integer dot products of all processors take. Codes of less than
/// eight bits share the bytes of planes: nibble plane p holds chunks p and p + 4, pair plane p (2 bits) chunks p, p + 2, p + 4 and p + 6,
/// the bit plane chunk k in bit k.
/// </summary>
internal unsafe interface ICodePlanes
{
    /// <summary>Bytes of 32 inputs of a panel.</summary>
    static abstract int Bytes { get; }

    /// <summary>The largest code, or the largest nibble when <see cref="IsSplit"/>.</summary>
    static abstract int Most { get; }

    /// <summary>Codes of eight bits come as two nibbles, code = low + 16 * high, so that 16-bit sums of products cannot overflow.</summary>
    static abstract bool IsSplit { get; }

    /// <summary>The unsigned number that a code of the file stands for: itself, or an entry of a table.</summary>
    static abstract int Value(int code);

    /// <summary>Puts the codes of 32 inputs of four outputs (as the file has them, one a byte) into the planes.</summary>
    /// <param name="chunks">Eight chunks of the four outputs, see <see cref="FourOutputs"/>.</param>
    /// <param name="planes">The planes, at the first output's first byte.</param>
    static abstract void Pack(Vector128<uint>* chunks, byte* planes);

    /// <summary>The <see cref="Value"/> that multiplies one input of one output.</summary>
    /// <param name="planes">The planes, at the output's first byte.</param>
    /// <param name="input">0 to 31.</param>
    static abstract int At(byte* planes, int input);

    /// <summary>Chunks <paramref name="step"/> and <paramref name="step"/> + 4.</summary>
    /// <typeparam name="V">Register.</typeparam>
    /// <param name="planes">The planes, at the register's first output.</param>
    /// <param name="step">0 to 3; a constant after inlining.</param>
    /// <param name="first">Codes, or low nibbles, of the first chunk.</param>
    /// <param name="second">Codes, or low nibbles, of the second chunk.</param>
    /// <param name="firstHigh">High nibbles of the first chunk when <see cref="IsSplit"/>.</param>
    /// <param name="secondHigh">High nibbles of the second chunk when <see cref="IsSplit"/>.</param>
    static abstract void Unpack<V>(byte* planes, int step, out V first, out V second, out V firstHigh, out V secondHigh)
        where V : unmanaged, IPanelVector<V>;
}
