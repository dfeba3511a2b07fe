using Winnow.Inference.Cpu;

namespace Winnow.Inference.Tests.Cpu.Emitted;

/// <summary>That the emitted products run where they can. Their bits are held by the tests that run every path.</summary>
public sealed class EmittedPanelDotTests
{
    [Fact]
    public void Supported_ProcessorWithVnni_BeginsWithEmittedProducts()
    {
        const string Flags = "/proc/cpuinfo";
        bool hasVnni = File.Exists(Flags) && File.ReadAllText(Flags).Contains(" avx512_vnni", StringComparison.Ordinal);

        Assert.Equal(hasVnni, CpuKernels.Best.Name == "avx512-vnni");
    }
}
