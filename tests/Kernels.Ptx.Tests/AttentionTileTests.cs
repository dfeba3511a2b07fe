using Winnow.Kernels.Suite;

namespace Winnow.Kernels.Ptx.Tests;

public sealed class AttentionTileTests : AttentionTileSuite;
