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
            ForgetWorkerAfter = TimeSpan.FromSeconds(5),
            Models = [new ModelOptions { Name = "a", ModelPath = "nowhere.gguf", Shards = 0, StopHeadPath = "nowhere.gguf" }, new ModelOptions { Name = "a", ModelPath = "nowhere.gguf" }],
        };

        ValidateOptionsResult result = new SiloOptionsValidator().Validate(null, options);

        string[] expected = ["Silo:Listen", "Silo:OrleansSiloPort", "Silo:DataDirectory", "Silo:DeadAfterMs", "Silo:ForgetWorkerAfter '00:00:05' must", "Silo:Models:0:ModelPath", "Silo:Models:0:Shards", "Silo:Models:0:StopHeadPath 'nowhere.gguf' does not exist", "Silo:Models:0:StopHeadPath 'nowhere.gguf' stops", "Silo:Models has"];
        Assert.All(expected, text => Assert.Contains(result.Failures!, failure => failure.StartsWith(text, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("mysql", "file", "", "127.0.0.1", "Silo:Clustering 'mysql'")]
    [InlineData("single", "tape", "", "127.0.0.1", "Silo:Storage 'tape'")]
    [InlineData("postgresql", "file", "Host=db", "127.0.0.1", "Silo:Storage 'file' belongs to one silo")]
    [InlineData("postgresql", "postgresql", "", "127.0.0.1", "A database needs one of Silo:ConnectionString")]
    [InlineData("single", "file", "", "0.0.0.0", "Silo:OrleansAddress '0.0.0.0' is not")]
    [InlineData("single", "file", "", "10.0.0.1", "Silo:OrleansAddress '10.0.0.1' is reached")]
    public void Validate_Cluster_SaysWhatDoesNotFit(string clustering, string storage, string connection, string address, string expected)
    {
        SiloOptions options = new() { Clustering = clustering, Storage = storage, ConnectionString = connection, OrleansAddress = address };

        ValidateOptionsResult result = new SiloOptionsValidator().Validate(null, options);

        Assert.StartsWith(expected, Assert.Single(result.Failures!), StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_SharedDatabase_Succeeds() => Assert.True(new SiloOptionsValidator().Validate(null, new SiloOptions
    {
        Clustering = "postgresql",
        Storage = "postgresql",
        ConnectionString = "Host=db;Password=x",
        OrleansAddress = "10.0.0.1",
        Insecure = true,
    }).Succeeded);
}
