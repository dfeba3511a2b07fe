using Winnow.Kernels.Suite;

namespace Winnow.Kernels.OpenCl.Tests;

public sealed class StepDrawTests : StepDrawSuite;
