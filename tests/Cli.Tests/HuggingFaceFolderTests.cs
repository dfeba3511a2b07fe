using Winnow.Cli.Tests.Support;
using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Cli.Tests;

/// <summary>A Hugging Face folder where a GGUF file is usual.</summary>
[Collection(ClusterCollectionDefinition.Name)]
public sealed class HuggingFaceFolderTests(Models models)
{
    [Fact]
    public async Task Tokens_FolderOnTwoWorkers_GivesTheGgufFilesTokens()
    {
        using var file = ModelFile.Open(models.Tiny);
        using TemporaryFolder folder = new();
        string path = new HuggingFaceFolder(file, shards: 2).Write(folder);

        int[] expected = (await Tool.RunAsync("tokens", "--model", models.Tiny, "--prompt", "hello there", "--max", "8", "--ignore-eos", "--in-process", "--json")).Json().Integers("ids");
        int[] found = (await Tool.RunAsync("tokens", "--model", path, "--prompt", "hello there", "--max", "8", "--ignore-eos", "--shards", "2", "--json")).Json().Integers("ids");

        Assert.Equal(expected, found);
    }
}
