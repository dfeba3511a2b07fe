using Orleans.Serialization;
using Winnow.ContractTests.Grains;

namespace Winnow.ContractTests;

[Collection(SiloCollectionDefinition.Name)]
public sealed class CopyTests(SiloFixture silo)
{
    private static long _lastKey;

    private readonly ICopyGrain _sut = silo.Client.GetGrain<ICopyGrain>(Interlocked.Increment(ref _lastKey));

    [Fact]
    public async Task Argument_ChangedByTheGrain_IsNotChangedForTheCaller()
    {
        var basket = new Basket { Items = [1, 2] };

        await _sut.Keep(basket);

        Assert.Equal([1, 2], basket.Items);
        Assert.Equal([1, 2, 99], (await _sut.Kept()).Items);
    }

    [Fact]
    public async Task Argument_ChangedByTheCaller_IsNotChangedForTheGrain()
    {
        var basket = new Basket { Prices = { ["a"] = [1] } };
        await _sut.Keep(basket);

        basket.Prices["a"][0] = 7;
        basket.Items.Clear();

        Assert.Equal(1, (await _sut.Kept()).Prices["a"][0]);
    }

    [Fact]
    public async Task Result_ChangedByTheCaller_IsNotChangedForTheGrain()
    {
        await _sut.Keep(new Basket());

        (await _sut.Kept()).Items.Clear();

        Assert.Equal([99], (await _sut.Kept()).Items);
    }

    [Fact]
    public async Task MemberWithoutId_IsNotSent()
    {
        await _sut.Keep(new Basket { NotSent = 5, Inner = new Basket { Age = TimeSpan.FromDays(2), Marks = Marks.First | Marks.Last } });

        Basket kept = await _sut.Kept();

        Assert.Equal(0, kept.NotSent);
        Assert.Equal(TimeSpan.FromDays(2), kept.Inner!.Age);
        Assert.Equal(Marks.First | Marks.Last, kept.Inner.Marks);
    }

    [Fact]
    public async Task Immutable_TypeOrParameter_IsNotCopied()
    {
        CopyGrain.TheFrozen = new Frozen { Value = 3 };
        CopyGrain.TheList = [1];

        Assert.True(await _sut.IsSame(CopyGrain.TheFrozen));
        Assert.True(await _sut.IsSameList(CopyGrain.TheList));
    }

    [Fact]
    public async Task Lists_ArrayOrList_StayWhatTheyAre()
    {
        Assert.IsType<int[]>(await _sut.Echo(new[] { 1, 2 }));
        Assert.IsType<List<int>>(await _sut.Echo(new List<int> { 1, 2 }));
    }

    [Fact]
    public async Task Nulls_AsArgumentAndResult_Pass() => Assert.Null(await _sut.Post(null));

    [Fact]
    public async Task Parameters_OfEveryKind_Arrive()
    {
        await _sut.Nothing();

        string text = await _sut.Describe(new Dictionary<string, int> { ["a"] = 1 }, [1, 2], Colour.Green, 0.5);

        Assert.Equal("1 1+2 Green 0.5", text);
    }

    [Fact]
    public async Task Lists_MadeByTheCompilerBehindAnInterface_BecomeLists()
    {
        IReadOnlyList<int> list = [1, 2];

        Assert.Equal([1, 2], Assert.IsType<List<int>>(await _sut.Echo(list)));
    }

    [Fact]
    public void Unmarked_Type_MakesTheInterfaceUnusable() =>
        Assert.Throws<CodecNotFoundException>(() => silo.Client.GetGrain<IUnmarkedGrain>("key"));
}
