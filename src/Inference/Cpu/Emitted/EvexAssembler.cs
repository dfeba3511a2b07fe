using System.Buffers.Binary;

namespace Winnow.Inference.Cpu.Emitted;

/// <summary>
/// Writes x86-64 machine code: 512-bit vector instructions with the EVEX prefix, and the few scalar ones that a loop needs.
/// Encodings: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2.
/// </summary>
/// <remarks>Addresses always carry 32 bits of displacement and a SIB byte: longer than need be, but one form for all.</remarks>
internal sealed class EvexAssembler
{
    private readonly List<byte> _code = [];

    /// <summary>The code so far.</summary>
    public byte[] ToArray() => [.. _code];

    /// <summary>A place to jump back to.</summary>
    public int Here() => _code.Count;

    /// <summary>Fills up to a multiple of so many bytes and tells where that is.</summary>
    public int Align(int bytes)
    {
        while (_code.Count % bytes != 0)
        {
            _code.Add(0xCC);
        }
        return _code.Count;
    }

    /// <summary>Jumps back when the last result was not zero.</summary>
    public void JumpIfNotZero(int target)
    {
        Bytes(0x0F, 0x85);
        Int32(target - (_code.Count + sizeof(int)));
    }

    /// <summary><c>ret</c>.</summary>
    public void Return() => Bytes(0xC3);

    /// <summary><c>vzeroupper</c>: leaves no upper halves behind, which would slow down older vector code.</summary>
    public void ZeroUpper() => Bytes(0xC5, 0xF8, 0x77);

    /// <summary><c>push</c>.</summary>
    public void Push(Gpr register) => Short(0x50, register);

    /// <summary><c>pop</c>.</summary>
    public void Pop(Gpr register) => Short(0x58, register);

    /// <summary><c>mov r32, imm32</c>.</summary>
    public void Set(Gpr to, int value)
    {
        Short(0xB8, to);
        Int32(value);
    }

    /// <summary><c>mov r64, [address]</c>.</summary>
    public void Load(Gpr to, Address from) => Scalar(0x8B, (int)to, from);

    /// <summary><c>lea r64, address</c>.</summary>
    public void LoadAddress(Gpr to, Address from) => Scalar(0x8D, (int)to, from);

    /// <summary><c>add r64, imm32</c>.</summary>
    public void Add(Gpr to, int value)
    {
        Bytes((byte)(0x48 | ((int)to >> 3)), 0x81, (byte)(0xC0 | ((int)to & 7)));
        Int32(value);
    }

    /// <summary><c>dec r64</c>, which sets the zero flag.</summary>
    public void Decrement(Gpr register) => Bytes((byte)(0x48 | ((int)register >> 3)), 0xFF, (byte)(0xC8 | ((int)register & 7)));

    /// <summary><c>prefetcht1 [address]</c>: into the second cache, which can wait for more lines than the first.</summary>
    public void Prefetch(Address address) => Prefetch(2, address);

    /// <summary><c>prefetcht0 [address]</c>: into the first cache.</summary>
    public void PrefetchNear(Address address) => Prefetch(1, address);

    /// <summary>A vector instruction with a register as its last operand.</summary>
    public void Vector(VectorOp op, int destination, int left, int right)
    {
        Prefix(op, destination, left, ~(right >> 3) & 1, ~(right >> 4) & 1, broadcast: false);
        _code.Add((byte)(0xC0 | ((destination & 7) << 3) | (right & 7)));
    }

    /// <summary>A vector instruction with memory as its last operand.</summary>
    /// <param name="op">Instruction.</param>
    /// <param name="destination">Vector register 0 to 31.</param>
    /// <param name="left">Second operand; 0 where the instruction has none.</param>
    /// <param name="right">Memory.</param>
    /// <param name="broadcast">Memory holds one 32-bit element for all lanes.</param>
    public void Vector(VectorOp op, int destination, int left, Address right, bool broadcast = false)
    {
        Prefix(op, destination, left, ~((int)right.Base >> 3) & 1, ~(IndexOf(right) >> 3) & 1, broadcast);
        Memory(destination, right);
    }

    /// <summary>A vector instruction with a register and an immediate byte.</summary>
    public void Vector(VectorOp op, int destination, int left, int right, byte immediate)
    {
        Vector(op, destination, left, right);
        _code.Add(immediate);
    }

    /// <summary>A shift by an immediate; the instruction's number sits where others have their destination.</summary>
    /// <param name="op">A shift.</param>
    /// <param name="destination">Vector register.</param>
    /// <param name="source">Vector register.</param>
    /// <param name="bits">How far.</param>
    public void Shift(VectorOp op, int destination, int source, byte bits) => Vector(op, op.Extension, destination, source, bits);

    private void Prefetch(int level, Address address)
    {
        Rex(0, address, wide: false);
        Bytes(0x0F, 0x18);
        Memory(level, address);
    }

    private static int IndexOf(Address address) => address.Index is { } index ? (int)index : 0;

    private void Prefix(VectorOp op, int register, int vvvv, int b, int x, bool broadcast)
    {
        int r = ~(register >> 3) & 1;
        int high = ~(register >> 4) & 1;
        Bytes(
            0x62,
            (byte)((r << 7) | (x << 6) | (b << 5) | (high << 4) | op.Map),
            (byte)((op.Wide ? 0x80 : 0) | ((~vvvv & 15) << 3) | 4 | op.Prefix),
            (byte)(0x40 | (broadcast ? 0x10 : 0) | ((~(vvvv >> 4) & 1) << 3)),
            op.Opcode);
    }

    private void Scalar(byte opcode, int register, Address address)
    {
        Rex(register, address, wide: true);
        _code.Add(opcode);
        Memory(register, address);
    }

    private void Rex(int register, Address address, bool wide) => _code.Add(
        (byte)(0x40 | (wide ? 8 : 0) | ((register >> 3) << 2) | ((IndexOf(address) >> 3) << 1) | ((int)address.Base >> 3)));

    private void Memory(int register, Address address)
    {
        const int NoIndex = 4;
        int index = address.Index is { } own ? (int)own & 7 : NoIndex;
        int scale = address.Scale switch { 1 => 0, 2 => 1, 4 => 2, _ => 3 };
        Bytes((byte)(0x84 | ((register & 7) << 3)), (byte)((scale << 6) | (index << 3) | ((int)address.Base & 7)));
        Int32(address.Displacement);
    }

    private void Short(byte opcode, Gpr register)
    {
        if ((int)register >= 8)
        {
            _code.Add(0x41);
        }
        _code.Add((byte)(opcode | ((int)register & 7)));
    }

    private void Int32(int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _code.AddRange(bytes);
    }

    private void Bytes(params ReadOnlySpan<byte> bytes) => _code.AddRange(bytes);
}
