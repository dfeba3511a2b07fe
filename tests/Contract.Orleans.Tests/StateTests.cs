using Orleans.Runtime;
using Orleans.Storage;
using Winnow.ContractTests.Grains;

namespace Winnow.ContractTests;

[Collection(SiloCollectionDefinition.Name)]
public sealed class StateTests(SiloFixture silo)
{
    private readonly string _key = Probe.NewKey();

    private IStateGrain Sut => silo.Client.GetGrain<IStateGrain>(_key);

    [Fact]
    public async Task State_NeverWritten_IsNew()
    {
        StateView view = await Sut.View();

        Assert.Equal("unset", view.Text);
        Assert.False(view.Exists);
        Assert.False(view.HasVersion);
    }

    [Fact]
    public async Task State_Written_SurvivesTheActivation()
    {
        await Sut.Write("first");
        await Sut.Write("second");
        StateView before = await Sut.View();
        await Sut.End();

        StateView after = await Sut.View();

        Assert.NotEqual(before.Activation, after.Activation);
        Assert.Equal(before, after with { Activation = before.Activation });
        Assert.Equal(2, after.Writes);
        Assert.True(after.Exists && after.HasVersion);
    }

    [Fact]
    public async Task State_NotWritten_IsLostByReading()
    {
        await Sut.Write("stored");
        await Sut.Set("in memory");
        Assert.Equal("in memory", (await Sut.View()).Text);

        await Sut.Read();

        Assert.Equal("stored", (await Sut.View()).Text);
    }

    [Fact]
    public async Task State_Cleared_IsNewAgain()
    {
        await Sut.Write("stored");

        await Sut.Clear();

        StateView view = await Sut.View();
        Assert.Equal("unset", view.Text);
        Assert.False(view.Exists);
        Assert.False(view.HasVersion);
        await Sut.Write("again");
        Assert.True((await Sut.View()).Exists);
    }

    [Fact]
    public async Task OwnStorage_IsAskedByNameAndGrainId()
    {
        IFaultyStateGrain sut = silo.Client.GetGrain<IFaultyStateGrain>(_key);

        await sut.Number();

        Assert.Equal([$"read faulty record faultystate/{_key}"], Probe.Of(_key).Events);
    }

    [Fact]
    public async Task Write_WithAStaleVersion_ThrowsAndEndsTheActivation()
    {
        IFaultyStateGrain sut = silo.Client.GetGrain<IFaultyStateGrain>($"conflict {_key}");
        int before = await sut.Number();

        InconsistentStateException e = await Assert.ThrowsAsync<InconsistentStateException>(() => sut.Write());

        Assert.Equal("stored-1", e.StoredEtag);
        Assert.NotEqual(before, await sut.Number());
    }

    [Fact]
    public async Task Write_WithAStaleVersionCaught_KeepsTheActivation()
    {
        IFaultyStateGrain sut = silo.Client.GetGrain<IFaultyStateGrain>($"conflict {_key}");
        int before = await sut.Number();

        Assert.Equal("stored-1", await sut.WriteAndCatch());

        Assert.Equal(before, await sut.Number());
    }

    [Fact]
    public async Task Write_ThatFailsOtherwise_ThrowsAnOrleansException()
    {
        IFaultyStateGrain sut = silo.Client.GetGrain<IFaultyStateGrain>(_key);

        OrleansException e = await Assert.ThrowsAsync<OrleansException>(() => sut.Write());

        Assert.Equal("the disk is full", Assert.IsType<IOException>(e.InnerException).Message);
    }

    [Fact]
    public async Task Read_ThatFails_FailsTheActivation()
    {
        IFaultyStateGrain sut = silo.Client.GetGrain<IFaultyStateGrain>($"unreadable {_key}");

        OrleansException e = await Assert.ThrowsAsync<OrleansException>(() => sut.Number());

        Assert.Equal("the disk is gone", Assert.IsType<IOException>(e.InnerException).Message);
    }
}
