using Winnow.Silo.Grains;
using Winnow.Silo.Placement;
using Winnow.Silo.Tests.Support;

namespace Winnow.Silo.Tests.Placement;

/// <summary>Ticks and calls see a replica's state once it is durable, and never what could not be written.</summary>
public sealed class ReplicaStoreTests
{
    private readonly StateInMemory<ReplicaState> _state = new(new ReplicaState { Epoch = 7 });

    [Fact]
    public async Task WriteAsync_WhileItIsWritten_TheStateIsTheOneBefore()
    {
        var sut = new ReplicaStore(_state);
        var written = new TaskCompletionSource();
        _state.Writing = written.Task;

        Task<long> raising = sut.RaiseEpochAsync();
        long during = sut.Epoch;
        written.SetResult();

        Assert.Equal((7L, 8L, 8L), (during, await raising, sut.Epoch));
    }

    [Fact]
    public async Task WriteAsync_ThatFails_ChangesNothing()
    {
        var sut = new ReplicaStore(_state);
        _state.Writing = Task.FromException(new IOException("the disk is full"));
        await Assert.ThrowsAsync<IOException>(() => sut.HoldAsync([TestReplica.Held(0, "a")], state => state.Epoch++));
        _state.Writing = Task.CompletedTask;

        long next = await sut.RaiseEpochAsync();

        Assert.Equal((8L, 8L), (next, sut.Epoch));
        Assert.Empty(sut.State.Held);
    }
}
