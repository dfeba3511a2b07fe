using Winnow.Cluster.Law.Tests.Support;
using Winnow.Fetching.Tests.Support;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;
using Winnow.Tests.Law;

namespace Winnow.Cluster.Law.Tests;

/// <summary>A model on a server, of which every worker fetches its layers.</summary>
public sealed class FetchedModelTests
{
    private const string FetchedBytes = "winnow_model_fetched_bytes_total";
    private const int Chunk = 1 << 20;
    private const int HashedChunks = 32;
    private const int Shards = 2;

    // Some 100 MB: the content hash reads all of a model up to 64 MiB, and samples in 32 chunks of a larger one.
    private static readonly TinyLlama Model = new() { Layers = 20, ModelSize = 320, FeedForwardSize = 960 };

    [Fact]
    public async Task Load_OfAModelOnAServer_EveryWorkerFetchesItsLayersAlone()
    {
        using TemporaryFolder folder = new();
        await using FileServer server = new();
        byte[] bytes = Model.Build().ToBytes();
        string url = server.Add("law.gguf", bytes);
        await using TestCluster cluster = await TestCluster.StartAsync(new TestClusterOptions
        {
            Shards = [Shards],
            Targets = Shards,
            ModelPath = url,
            DraftPath = null,
            Each = process =>
            [
                "--Models:CacheDirectory", folder.File(process),
                .. process.StartsWith("target", StringComparison.Ordinal) || process.StartsWith("draft", StringComparison.Ordinal) ? ["--Worker:HttpListen", "http://127.0.0.1:0"] : (string[])[],
            ],
        });
        var request = new LawRequest("fetched", "", SamplingParameters.Greedy, [], 1) { MaxTokens = 4, IsEndless = true };

        LawOutcome outcome = await cluster.Client.RunAsync(new RunConditions(TestCluster.ModelOf(Shards), 0, PrefixCache: false), request, [1, 2, 3], stream: false);

        IReadOnlyDictionary<string, double> fetched = await cluster.MetricsAsync(FetchedBytes);
        IReadOnlyList<(string Process, long WeightBytes)> workers = await cluster.WeightsAsync();
        Assert.Equal(4, outcome.TokenCount);
        // Its tensors, the content hash's samples, the chunk of the header, and what else is in the first and the last of its tensors' chunks.
        Assert.All(workers, worker => Assert.InRange(fetched[worker.Process], worker.WeightBytes, (1.02 * worker.WeightBytes) + ((2 + HashedChunks) * Chunk)));
        Assert.InRange(workers.Sum(worker => worker.WeightBytes), bytes.Length - (2 * Chunk), bytes.Length);
        Assert.All(fetched.Where(process => workers.All(worker => worker.Process != process.Key)), other => Assert.InRange(other.Value, 0, Chunk + 1));
        Assert.InRange(fetched.Values.Sum(), workers.Sum(worker => worker.WeightBytes), server.SentBytes);
    }
}
