using Winnow.Kernels.Suite;

namespace Winnow.Kernels.Cuda.Tests;

public sealed class StepDrawTests : StepDrawSuite;
