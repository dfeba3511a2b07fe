using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Support;

public sealed class SharedFolderTests
{
    [Fact]
    public void RepositoryRoot_FromTestBinary_HoldsTheSolution() =>
        Assert.True(File.Exists(Path.Combine(SharedFolder.RepositoryRoot, "Winnow.slnx")));
}
