using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Winnow.Contracts.Grains;
using Winnow.Fetching;
using Winnow.Hosting;
using Winnow.Silo.Placement;
using Winnow.Tests.Common;

namespace Winnow.Silo.Tests.Placement;

/// <summary>Sizes of models on servers that do not answer.</summary>
public sealed class ModelFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TcpListener _silent = new(IPAddress.Loopback, 0);
    private readonly ModelLibrary _models;
    private readonly ModelFiles _sut;
    private readonly ModelDefinition _model;

    public ModelFilesTests()
    {
        _silent.Start();
        ModelsOptions options = new() { CacheDirectory = _folder.File("cache"), MaxRetries = 0 };
        _models = new ModelLibrary(Options.Create(options), new ClusterToken(null), TimeProvider.System, NullLogger<ModelLibrary>.Instance);
        _sut = new ModelFiles(_models, TimeProvider.System);
        _model = new ModelDefinition { Name = "m", ModelPath = $"http://{_silent.LocalEndpoint}/m.gguf" };
    }

    [Fact]
    public void Measure_OfAServersModelThatIsNotReadYet_SaysSoInsteadOfReadingIt() =>
        Assert.Throws<ModelNotReadException>(() => _sut.Measure(_model.ModelPath));

    [Fact]
    public void PrepareAsync_WhileTheFirstReadingIsUnderWay_GivesItToEveryCaller()
    {
        Task first = _sut.PrepareAsync(_model);
        Task second = _sut.PrepareAsync(_model);

        Assert.Same(first, second);
        Assert.False(second.IsCompleted, "It ended though the server never answered.");
    }

    [Fact]
    public void Plan_OfAServersModelThatIsNotReadYet_WaitsForIt()
    {
        PlanOutcome outcome = new PlanSource(_sut).Plan(_model, [], "m/0", new PlanLatitude(true, true));

        Assert.Null(outcome.Plan);
        Assert.False(outcome.IsPermanent, outcome.Reason);
        Assert.Contains("not been read", outcome.Reason, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _silent.Dispose();
        _models.Dispose();
        _folder.Dispose();
    }
}
