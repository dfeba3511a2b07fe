using System.Text.Json;
using Winnow.Cli.Tests.Support;

namespace Winnow.Cli.Tests;

/// <summary><c>winnow accept</c> with the shipped pair.</summary>
public sealed class AcceptTests
{
    [Fact]
    public async Task Accept_Json_HasTheDocumentedNamesAndPlausibleCounts()
    {
        JsonElement json = (await Tool.RunAsync("accept", "--model", Models.Target, "--draft", Models.Draft, "--requests", "2", "--tokens", "16", "--threads", "1", "--json")).Json();

        JsonAssert.Names(json, "model", "draft", "prompts", "results");
        Assert.Equal(2, json.GetProperty("prompts").GetInt32());
        JsonElement[] results = [.. json.GetProperty("results").EnumerateArray()];
        Assert.Equal(["coupled", "lossy_typical", "rejection", "rsd", "spectr"], results.Select(result => result.GetProperty("rule").GetString()).Distinct().Order());
        Assert.All(results, result =>
        {
            JsonAssert.Names(result, "temperature", "rule", "width", "length", "steps", "first_kept", "optimum", "coupled_floor", "coupled", "tokens_per_step", "acceptance");
            Assert.InRange(result.GetProperty("steps").GetInt32(), 4, 32);
            Assert.InRange(result.GetProperty("coupled").GetDouble(), result.GetProperty("coupled_floor").GetDouble(), result.GetProperty("optimum").GetDouble());
        });
    }
}
