namespace Winnow.Inference.Cpu.Emitted;

/// <summary>A 512-bit instruction as its EVEX encoding names it.</summary>
/// <param name="Map">Opcode map: 1 = 0F, 2 = 0F38, 3 = 0F3A.</param>
/// <param name="Prefix">Implied prefix: 0 none, 1 = 66, 2 = F3, 3 = F2.</param>
/// <param name="Opcode">Opcode byte.</param>
/// <param name="Extension">Instruction number of shifts, in the register field.</param>
/// <param name="Wide">The W bit.</param>
internal readonly record struct VectorOp(byte Map, byte Prefix, byte Opcode, byte Extension = 0, bool Wide = false)
{
    /// <summary><c>vmovups zmm, m512</c>: 64 bytes of anything.</summary>
    public static readonly VectorOp Load = new(1, 0, 0x10);

    /// <summary><c>vmovups m512, zmm</c>.</summary>
    public static readonly VectorOp Store = new(1, 0, 0x11);

    /// <summary><c>vpbroadcastd zmm, m32</c>.</summary>
    public static readonly VectorOp BroadcastInt32 = new(2, 1, 0x58);

    /// <summary><c>vbroadcastss zmm, m32</c>.</summary>
    public static readonly VectorOp BroadcastSingle = new(2, 1, 0x18);

    /// <summary><c>vpbroadcastd zmm, r32</c>: the register operand is a general-purpose one.</summary>
    public static readonly VectorOp BroadcastRegister = new(2, 1, 0x7C);

    /// <summary><c>vpmovzxbd zmm, m128</c>: bytes to 32-bit integers.</summary>
    public static readonly VectorOp WidenBytesToInt32 = new(2, 1, 0x31);

    /// <summary><c>vpmovsxbd zmm, m128</c>: signed bytes to 32-bit integers.</summary>
    public static readonly VectorOp WidenSignedBytesToInt32 = new(2, 1, 0x21);

    /// <summary><c>vpmovzxbw zmm, m256</c>: bytes to words.</summary>
    public static readonly VectorOp WidenBytesToInt16 = new(2, 1, 0x30);

    /// <summary><c>vpmovsxbw zmm, m256</c>: signed bytes to words.</summary>
    public static readonly VectorOp WidenSignedBytesToInt16 = new(2, 1, 0x20);

    /// <summary><c>vpmovzxwd zmm, m256</c>: words to 32-bit integers.</summary>
    public static readonly VectorOp WidenWordsToInt32 = new(2, 1, 0x33);

    /// <summary><c>vcvtph2ps zmm, m256</c>: halves to floats.</summary>
    public static readonly VectorOp WidenHalves = new(2, 1, 0x13);

    /// <summary><c>vcvtdq2ps</c>: 32-bit integers to floats.</summary>
    public static readonly VectorOp Int32ToSingle = new(1, 0, 0x5B);

    /// <summary><c>vpandd</c>.</summary>
    public static readonly VectorOp And = new(1, 1, 0xDB);

    /// <summary><c>vpord</c>.</summary>
    public static readonly VectorOp Or = new(1, 1, 0xEB);

    /// <summary><c>vpxord</c>.</summary>
    public static readonly VectorOp Xor = new(1, 1, 0xEF);

    /// <summary><c>vpternlogd</c>: any function of three bits, by table.</summary>
    public static readonly VectorOp Ternary = new(3, 1, 0x25);

    /// <summary><c>vpsrlw</c> by an immediate.</summary>
    public static readonly VectorOp ShiftRightWords = new(1, 1, 0x71, 2);

    /// <summary><c>vpsllw</c> by an immediate.</summary>
    public static readonly VectorOp ShiftLeftWords = new(1, 1, 0x71, 6);

    /// <summary><c>vpslld</c> by an immediate.</summary>
    public static readonly VectorOp ShiftLeftInt32 = new(1, 1, 0x72, 6);

    /// <summary><c>vpsrld</c> by an immediate.</summary>
    public static readonly VectorOp ShiftRightInt32 = new(1, 1, 0x72, 2);

    /// <summary><c>vpsrad</c> by an immediate: keeps the sign.</summary>
    public static readonly VectorOp ShiftRightSignedInt32 = new(1, 1, 0x72, 4);

    /// <summary><c>vbroadcasti32x4 zmm, m128</c>.</summary>
    public static readonly VectorOp BroadcastTable = new(2, 1, 0x5A);

    /// <summary><c>vpmaxsd</c>.</summary>
    public static readonly VectorOp MaxInt32 = new(2, 1, 0x3D);

    /// <summary><c>vpshufb</c>: bytes by index, within 16.</summary>
    public static readonly VectorOp ShuffleBytes = new(2, 1, 0x00);

    /// <summary><c>vpaddd</c>.</summary>
    public static readonly VectorOp AddInt32 = new(1, 1, 0xFE);

    /// <summary><c>vpsubd</c>.</summary>
    public static readonly VectorOp SubtractInt32 = new(1, 1, 0xFA);

    /// <summary><c>vpmulld</c>.</summary>
    public static readonly VectorOp MultiplyInt32 = new(2, 1, 0x40);

    /// <summary><c>vpdpbusd</c>: adds, per 32-bit lane, four products of unsigned bytes (second operand) and signed bytes (third).</summary>
    public static readonly VectorOp DotBytes = new(2, 1, 0x50);

    /// <summary><c>vpdpwssd</c>: adds, per 32-bit lane, two products of words.</summary>
    public static readonly VectorOp DotWords = new(2, 1, 0x52);

    /// <summary><c>vmulps</c>.</summary>
    public static readonly VectorOp Multiply = new(1, 0, 0x59);

    /// <summary><c>vaddps</c>.</summary>
    public static readonly VectorOp Add = new(1, 0, 0x58);

    /// <summary><c>vfmadd231ps</c>: destination + second * third, rounded once.</summary>
    public static readonly VectorOp MultiplyAdd = new(2, 1, 0xB8);

    /// <summary><c>vfnmadd231ps</c>: destination - second * third, rounded once.</summary>
    public static readonly VectorOp MultiplySubtract = new(2, 1, 0xBC);
}
