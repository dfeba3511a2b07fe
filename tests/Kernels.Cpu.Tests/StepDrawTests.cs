using Winnow.Kernels.Suite;

namespace Winnow.Kernels.Cpu.Tests;

public sealed class StepDrawTests : StepDrawSuite;
