using Microsoft.Extensions.Options;

namespace Winnow.Silo.Tests;

/// <summary>Every wrong option of a silo is reported, all at once.</summary>
public sealed class SiloOptionsValidatorTests
{
    [Fact]
    public void Validate_Defaults_Succeeds() => Assert.True(new SiloOptionsValidator().Validate(null, new SiloOptions()).Succeeded);

    [Fact]
    public void Validate_ManyFailures_ReportsAll()
    {
        SiloOptions options = new()
        {
            Listen = "http://0.0.0.0:1",
            OrleansSiloPort = 70000,
            DataDirectory = "",
            SuspectAfterMs = 500,
            Models = [new ModelOptions { Name = "a", ModelPath = "nowhere.gguf", Shards = 0, StopHeadPath = "nowhere.gguf" }, new ModelOptions { Name = "a", ModelPath = "nowhere.gguf" }],
        };

        ValidateOptionsResult result = new SiloOptionsValidator().Validate(null, options);

        string[] expected = ["Silo:Listen", "Silo:OrleansSiloPort", "Silo:DataDirectory", "Silo:DeadAfterMs", "Silo:Models:0:ModelPath", "Silo:Models:0:Shards", "Silo:Models:0:StopHeadPath 'nowhere.gguf' does not exist", "Silo:Models:0:StopHeadPath 'nowhere.gguf' stops", "Silo:Models has"];
        Assert.All(expected, text => Assert.Contains(result.Failures!, failure => failure.StartsWith(text, StringComparison.Ordinal)));
    }
}
