using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Winnow.Contracts.Grains;
using Winnow.Silo.Control;
using Winnow.Silo.Grains;
using Winnow.Silo.Tests.Support;

namespace Winnow.Silo.Tests.Grains;

/// <summary>What a grain could not write it does not know either.</summary>
public sealed class FailedWriteTests
{
    private static readonly Task FullDisk = Task.FromException(new IOException("the disk is full"));

    [Fact]
    public async Task Add_ThatIsNotWritten_LeavesTheCatalogueAsItWas()
    {
        var state = new StateInMemory<ModelCatalogState>(new ModelCatalogState()) { Writing = FullDisk };
        var sut = new ModelCatalogGrain(state);

        await Assert.ThrowsAsync<IOException>(() => sut.Add(new ModelDefinition { Name = "m", ModelPath = "p" }));

        Assert.Empty(state.State.Names);
    }

    [Fact]
    public async Task Define_ThatIsNotWritten_LeavesTheModelUndefined()
    {
        var state = new StateInMemory<ModelState>(new ModelState()) { Writing = FullDisk };
        var sut = new ModelGrain(state);

        await Assert.ThrowsAsync<IOException>(() => sut.Define(new ModelDefinition { Name = "m", ModelPath = "p" }));

        Assert.Equal(new ModelState(), state.State);
    }

    [Fact]
    public async Task Register_ThatIsNotWritten_CountsNoRegistration()
    {
        var state = new StateInMemory<WorkerState>(new WorkerState()) { Writing = FullDisk };
        var sut = new WorkerGrain(state, new WorkerProbe(TimeProvider.System), Options.Create(new SiloOptions()), TimeProvider.System, NullLogger<WorkerGrain>.Instance);

        await Assert.ThrowsAsync<IOException>(() => sut.Register(TestReplica.Worker("a")));

        Assert.Equal(0, state.State.Incarnation);
    }
}
