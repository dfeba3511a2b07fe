using Winnow.Inference.Cpu.Emitted;

namespace Winnow.Inference.Tests.Cpu.Emitted;

/// <summary>Encodings against bytes that disassemble to the text beside them.</summary>
public sealed class EvexAssemblerTests
{
    private static readonly Dictionary<string, Action<EvexAssembler>> Cases = new()
    {
        ["vmovups zmm17, [rdi+0x40]"] = code => code.Vector(VectorOp.Load, 17, 0, new Address(Gpr.Rdi, 0x40)),
        ["vmovups [rcx+0x80], zmm25"] = code => code.Vector(VectorOp.Store, 25, 0, new Address(Gpr.Rcx, 0x80)),
        ["vbroadcastss zmm9, [r11+r12+4]"] = code => code.Vector(VectorOp.BroadcastSingle, 9, 0, new Address(Gpr.R11, 4, Gpr.R12)),
        ["vpbroadcastd zmm9, [r11+r12+4]"] = code => code.Vector(VectorOp.BroadcastInt32, 9, 0, new Address(Gpr.R11, 4, Gpr.R12)),
        ["vpmovzxbd zmm30, [rsi+0x10]"] = code => code.Vector(VectorOp.WidenBytesToInt32, 30, 0, new Address(Gpr.Rsi, 0x10)),
        ["vpmovsxbd zmm1, [r13+0x10]"] = code => code.Vector(VectorOp.WidenSignedBytesToInt32, 1, 0, new Address(Gpr.R13, 0x10)),
        ["vpmovzxbw zmm2, [rsi+0x20]"] = code => code.Vector(VectorOp.WidenBytesToInt16, 2, 0, new Address(Gpr.Rsi, 0x20)),
        ["vpmovsxbw zmm3, [r12+0x20]"] = code => code.Vector(VectorOp.WidenSignedBytesToInt16, 3, 0, new Address(Gpr.R12, 0x20)),
        ["vcvtph2ps zmm4, [rsi+0x20]"] = code => code.Vector(VectorOp.WidenHalves, 4, 0, new Address(Gpr.Rsi, 0x20)),
        ["vcvtdq2ps zmm21, zmm13"] = code => code.Vector(VectorOp.Int32ToSingle, 21, 0, 13),
        ["vpandd zmm5, zmm18, zmm31"] = code => code.Vector(VectorOp.And, 5, 18, 31),
        ["vpord zmm5, zmm18, zmm31"] = code => code.Vector(VectorOp.Or, 5, 18, 31),
        ["vpxord zmm5, zmm18, zmm31"] = code => code.Vector(VectorOp.Xor, 5, 18, 31),
        ["vpternlogd zmm5, zmm18, zmm31, 0xEA"] = code => code.Vector(VectorOp.Ternary, 5, 18, 31, 0xEA),
        ["vpsrlw zmm18, zmm7, 4"] = code => code.Shift(VectorOp.ShiftRightWords, 18, 7, 4),
        ["vpsllw zmm7, zmm18, 2"] = code => code.Shift(VectorOp.ShiftLeftWords, 7, 18, 2),
        ["vpshufb zmm1, zmm2, zmm3"] = code => code.Vector(VectorOp.ShuffleBytes, 1, 2, 3),
        ["vpaddd zmm10, zmm11, zmm12"] = code => code.Vector(VectorOp.AddInt32, 10, 11, 12),
        ["vpsubd zmm10, zmm11, zmm12"] = code => code.Vector(VectorOp.SubtractInt32, 10, 11, 12),
        ["vpmulld zmm10, zmm11, [r15+rbx*2+8]{1to16}"] = code =>
            code.Vector(VectorOp.MultiplyInt32, 10, 11, new Address(Gpr.R15, 8, Gpr.Rbx, 2), broadcast: true),
        ["vpdpbusd zmm16, zmm8, [r8+r9*2+0x1c]{1to16}"] = code =>
            code.Vector(VectorOp.DotBytes, 16, 8, new Address(Gpr.R8, 0x1c, Gpr.R9, 2), broadcast: true),
        ["vpdpbusd zmm1, zmm2, zmm3"] = code => code.Vector(VectorOp.DotBytes, 1, 2, 3),
        ["vpdpwssd zmm16, zmm8, [r8+r9+0x1c]{1to16}"] = code =>
            code.Vector(VectorOp.DotWords, 16, 8, new Address(Gpr.R8, 0x1c, Gpr.R9), broadcast: true),
        ["vmulps zmm1, zmm20, [r10+r13]{1to16}"] = code =>
            code.Vector(VectorOp.Multiply, 1, 20, new Address(Gpr.R10, 0, Gpr.R13), broadcast: true),
        ["vaddps zmm1, zmm20, zmm30"] = code => code.Vector(VectorOp.Add, 1, 20, 30),
        ["vfmadd231ps zmm24, zmm1, zmm2"] = code => code.Vector(VectorOp.MultiplyAdd, 24, 1, 2),
        ["mov r8, [rdx+0x10]"] = code => code.Load(Gpr.R8, new Address(Gpr.Rdx, 0x10)),
        ["lea rbx, [r9+r9*2]"] = code => code.LoadAddress(Gpr.Rbx, new Address(Gpr.R9, 0, Gpr.R9, 2)),
        ["add rdi, 0x200"] = code => code.Add(Gpr.Rdi, 0x200),
        ["add r8, 0x20"] = code => code.Add(Gpr.R8, 0x20),
        ["dec rax"] = code => code.Decrement(Gpr.Rax),
        ["dec r14"] = code => code.Decrement(Gpr.R14),
        ["push rbx"] = code => code.Push(Gpr.Rbx),
        ["push r12"] = code => code.Push(Gpr.R12),
        ["pop r15"] = code => code.Pop(Gpr.R15),
        ["prefetcht1 [rdi+0x400]"] = code => code.Prefetch(new Address(Gpr.Rdi, 0x400)),
        ["prefetcht0 [rdi+0x1040]"] = code => code.PrefetchNear(new Address(Gpr.Rdi, 0x1040)),
        ["vzeroupper"] = code => code.ZeroUpper(),
        ["ret"] = code => code.Return(),
    };

    [Theory]
    [InlineData("vmovups zmm17, [rdi+0x40]", "62E17C48108C2740000000")]
    [InlineData("vmovups [rcx+0x80], zmm25", "62617C48118C2180000000")]
    [InlineData("vbroadcastss zmm9, [r11+r12+4]", "62127D48188C2304000000")]
    [InlineData("vpbroadcastd zmm9, [r11+r12+4]", "62127D48588C2304000000")]
    [InlineData("vpmovzxbd zmm30, [rsi+0x10]", "62627D4831B42610000000")]
    [InlineData("vpmovsxbd zmm1, [r13+0x10]", "62D27D48218C2510000000")]
    [InlineData("vpmovzxbw zmm2, [rsi+0x20]", "62F27D4830942620000000")]
    [InlineData("vpmovsxbw zmm3, [r12+0x20]", "62D27D48209C2420000000")]
    [InlineData("vcvtph2ps zmm4, [rsi+0x20]", "62F27D4813A42620000000")]
    [InlineData("vcvtdq2ps zmm21, zmm13", "62C17C485BED")]
    [InlineData("vpandd zmm5, zmm18, zmm31", "62916D40DBEF")]
    [InlineData("vpord zmm5, zmm18, zmm31", "62916D40EBEF")]
    [InlineData("vpxord zmm5, zmm18, zmm31", "62916D40EFEF")]
    [InlineData("vpternlogd zmm5, zmm18, zmm31, 0xEA", "62936D4025EFEA")]
    [InlineData("vpsrlw zmm18, zmm7, 4", "62F16D4071D704")]
    [InlineData("vpsllw zmm7, zmm18, 2", "62B1454871F202")]
    [InlineData("vpshufb zmm1, zmm2, zmm3", "62F26D4800CB")]
    [InlineData("vpaddd zmm10, zmm11, zmm12", "62512548FED4")]
    [InlineData("vpsubd zmm10, zmm11, zmm12", "62512548FAD4")]
    [InlineData("vpmulld zmm10, zmm11, [r15+rbx*2+8]{1to16}", "6252255840945F08000000")]
    [InlineData("vpdpbusd zmm16, zmm8, [r8+r9*2+0x1c]{1to16}", "62823D585084481C000000")]
    [InlineData("vpdpbusd zmm1, zmm2, zmm3", "62F26D4850CB")]
    [InlineData("vpdpwssd zmm16, zmm8, [r8+r9+0x1c]{1to16}", "62823D585284081C000000")]
    [InlineData("vmulps zmm1, zmm20, [r10+r13]{1to16}", "62915C50598C2A00000000")]
    [InlineData("vaddps zmm1, zmm20, zmm30", "62915C4058CE")]
    [InlineData("vfmadd231ps zmm24, zmm1, zmm2", "62627548B8C2")]
    [InlineData("mov r8, [rdx+0x10]", "4C8B842210000000")]
    [InlineData("lea rbx, [r9+r9*2]", "4B8D9C4900000000")]
    [InlineData("add rdi, 0x200", "4881C700020000")]
    [InlineData("add r8, 0x20", "4981C020000000")]
    [InlineData("dec rax", "48FFC8")]
    [InlineData("dec r14", "49FFCE")]
    [InlineData("push rbx", "53")]
    [InlineData("push r12", "4154")]
    [InlineData("pop r15", "415F")]
    [InlineData("prefetcht1 [rdi+0x400]", "400F18942700040000")]
    [InlineData("prefetcht0 [rdi+0x1040]", "400F188C2740100000")]
    [InlineData("vzeroupper", "C5F877")]
    [InlineData("ret", "C3")]
    public void Emit_OneInstruction_GivesItsEncoding(string instruction, string expected)
    {
        EvexAssembler sut = new();

        Cases[instruction](sut);

        Assert.Equal(expected, Convert.ToHexString(sut.ToArray()));
    }

    [Fact]
    public void JumpIfNotZero_Backwards_CountsFromItsOwnEnd()
    {
        EvexAssembler sut = new();
        sut.Decrement(Gpr.Rax);
        int start = sut.Here();
        sut.Decrement(Gpr.Rax);

        sut.JumpIfNotZero(start);

        Assert.EndsWith("0F85F7FFFFFF", Convert.ToHexString(sut.ToArray()), StringComparison.Ordinal);
    }
}
