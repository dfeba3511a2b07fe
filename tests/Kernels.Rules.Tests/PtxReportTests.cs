using Winnow.GpuWorker.Kernels;
using Winnow.Kernels.Rules.Tests.Ptx;

namespace Winnow.Kernels.Rules.Tests;

/// <summary>The reading of PTX, on lines as ILGPU writes them; runs in both builds.</summary>
public sealed class PtxReportTests
{
    private const string Depot = ".local .align 4 .b8 __local_depot0[32];\n\tmov.b64\t%rd3, __local_depot0;\n";

    [Theory]
    [InlineData("ld.global.v4.b32\t{%r3, %r4, %r5, %r6}, [%rd7];", true)]
    [InlineData("ld.global.v2.b64\t{%rd3, %rd4}, [%rd7];", true)]
    [InlineData("ld.global.v4.b16\t{%rs3, %rs4, %rs5, %rs6}, [%rd7];", false)]
    [InlineData("ld.shared.v4.b32\t{%r3, %r4, %r5, %r6}, [%rd7];", false)]
    public void HasWideLoads_OfALoad_CountsItsBytes(string line, bool expected) => Assert.Equal(expected, new PtxReport(line).HasWideLoads);

    [Theory]
    [InlineData("\tst.local.f32\t[%rd3], %f1;\n\tld.local.f32\t%f2, [%rd3+4];\n", 0)]
    [InlineData("\tst.local.f32\t[%rd3], %f1;\n\tadd.u64\t%rd3, %rd1, %rd5;\n", 0)]
    [InlineData("\tadd.u64\t%rd4, %rd3, %rd5;\n\tst.local.f32\t[%rd4], %f1;\n", 32)]
    [InlineData("\tadd.u64\t%rd3, %rd3, %rd5;\n", 32)]
    [InlineData("\tcvta.local.u64\t%rd5, %rd3;\n", 32)]
    public void LocalBytes_OfADepot_CountWhereItIsIndexed(string lines, int expected) => Assert.Equal(expected, new PtxReport(Depot + lines).LocalBytes);

    [Theory]
    [InlineData("mov.u32 \t%r5, __shared_alloca0;\n\t.shared .align 16 .b8 __shared_alloca0[16];\n", 0)]
    [InlineData("mov.u32 \t%r5, __shared_alloca0;\n\t.shared .align 16 .b8 __shared_alloca0[16];\n\t.shared .align 4 .b8 __shared_alloca1[4];\n", 1)]
    [InlineData("cp.async.wait_group 0;\n", 0)]
    [InlineData("cp.async.wait_group 0;\n" + Depot, 1)]
    public void Findings_OfSharedAddressesAndCopies_NameWhatIsLost(string ptx, int expected) =>
        Assert.Equal(expected, new PtxReport(ptx).Findings(new KernelAttribute("sample")).Count());

    [Theory]
    [InlineData("mma.sync.aligned {%r1};", 0)]
    [InlineData("ldmatrix.sync.aligned {%r1};", 1)]
    public void Findings_OfTensorCores_AskForTheirInstructions(string ptx, int expected) =>
        Assert.Equal(expected, new PtxReport(ptx).Findings(new KernelAttribute("sample") { TensorCores = true }).Count());

    [Fact]
    public void Findings_OfBadPtx_NameEverything()
    {
        const string Ptx = ".extern .func (.param .f32 r) ModF(\n\tcall.uni (x), ModF, (\n\t.shared .align 4 .b8 __shared_alloca0[50000];\n\tselp.b32\t%f7, 0f00000001, 0f00000000, %p3;\n"
            + Depot + "\tadd.u64\t%rd4, %rd3, %rd5;\n";
        Assert.Equal(6, new PtxReport(Ptx).Findings(new KernelAttribute("sample") { WideLoads = true }).Count());
        Assert.Equal(5, new PtxReport(Ptx).Findings(new KernelAttribute("sample") { LocalBytes = 32, WideLoads = true }).Count());
    }
}
