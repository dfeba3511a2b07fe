using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Winnow.ContractTests.Grains;

namespace Winnow.ContractTests;

[Collection(SiloCollectionDefinition.Name)]
public sealed class ReferenceTests(SiloFixture silo)
{
    [Fact]
    public void Keys_OfReferences_AreThoseGiven()
    {
        Assert.Equal("a b/ü", silo.Client.GetGrain<ITurnGrain>("a b/ü").GetPrimaryKeyString());
        Assert.Equal(-7, silo.Client.GetGrain<ICopyGrain>(-7).GetPrimaryKeyLong());
        Assert.Equal("copy/2A", silo.Client.GetGrain<ICopyGrain>(42).GetGrainId().ToString());
    }

    [Fact]
    public async Task Keys_InGrains_AreThoseGiven() =>
        Assert.Equal(long.MinValue, await silo.Client.GetGrain<ICopyGrain>(long.MinValue).Key());

    [Fact]
    public void References_ToTheSameGrain_AreEqual()
    {
        ITurnGrain one = silo.Client.GetGrain<ITurnGrain>("one");

        Assert.Equal(one, silo.Client.GetGrain<ITurnGrain>("one"));
        Assert.Equal(one.GetHashCode(), silo.Client.GetGrain<ITurnGrain>("one").GetHashCode());
        Assert.NotEqual(one, silo.Client.GetGrain<ITurnGrain>("two"));
    }

    [Fact]
    public void GetGrain_WithoutClassOrKey_Throws()
    {
        Assert.Throws<ArgumentException>(() => silo.Client.GetGrain<INowhereGrain>("key"));
        Assert.ThrowsAny<ArgumentException>(() => silo.Client.GetGrain<ITurnGrain>(" "));
    }

    [Fact]
    public void Host_WithSiloAndClient_IsRefused()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(orleans => orleans.UseLocalhostClustering());

        Assert.Throws<OrleansConfigurationException>(() => builder.UseOrleansClient(client => client.UseLocalhostClustering()));
    }
}
