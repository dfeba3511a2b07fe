using Microsoft.Extensions.Logging.Abstractions;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination.Remote;

namespace Winnow.Gateway.Tests.Coordination.Remote;

public sealed class SessionCheckpointerTests
{
    [Fact]
    public async Task Post_WhileTheGrainIsSlow_OnlyTheNewestOfAChoiceIsWritten()
    {
        var grain = new SlowGrain();
        var sut = new SessionCheckpointer(_ => grain, TimeProvider.System, NullLogger<SessionCheckpointer>.Instance);
        sut.Post(Checkpoint(0, 1));
        await grain.Entered.Task;
        for (int tokens = 2; tokens <= 9; tokens++)
        {
            sut.Post(Checkpoint(0, tokens));
            sut.Post(Checkpoint(1, tokens));
        }
        grain.Leave.SetResult();
        await sut.DisposeAsync();
        Assert.Equal([(0, 1), (0, 9), (1, 9)], grain.Written);
    }

    [Fact]
    public async Task Post_TheGrainFails_TheNextOneIsWritten()
    {
        var grain = new SlowGrain { Fails = true };
        grain.Leave.SetResult();
        var sut = new SessionCheckpointer(_ => grain, TimeProvider.System, NullLogger<SessionCheckpointer>.Instance);
        sut.Post(Checkpoint(0, 1));
        await grain.Entered.Task;
        sut.Post(Checkpoint(0, 2));
        await sut.DisposeAsync();
        Assert.Equal((0, 2), grain.Written[^1]);
    }

    private static SessionCheckpoint Checkpoint(int choice, int tokens) => new()
    {
        RequestId = "r",
        Choice = choice,
        Model = "m",
        Tokens = new int[tokens],
        PromptTokens = 1,
        SamplingJson = "{}",
    };

    private sealed class SlowGrain : ISessionGrain
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Leave { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<(int Choice, int Tokens)> Written { get; } = [];

        public bool Fails { get; init; }

        public async Task Checkpoint(SessionCheckpoint checkpoint)
        {
            Written.Add((checkpoint.Choice, checkpoint.Tokens.Count));
            Entered.TrySetResult();
            await Leave.Task;
            if (Fails && Written.Count == 1)
            {
                throw new TimeoutException("the silo is away");
            }
        }

        public Task<SessionSnapshot?> Get() => Task.FromResult<SessionSnapshot?>(null);

        public Task Clear() => Task.CompletedTask;
    }
}
