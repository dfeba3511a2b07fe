using Orleans;

namespace Winnow.ContractTests.Grains;

public interface ICopyGrain : IGrainWithIntegerKey
{
    Task Keep(Basket basket);

    Task<Basket> Kept();

    Task<bool> IsSame(Frozen frozen);

    Task<bool> IsSameList([Immutable] List<int> list);

    Task<IReadOnlyList<int>> Echo(IReadOnlyList<int> list);

    Task<Letter?> Post(Letter? letter);

    ValueTask<string> Describe(IReadOnlyDictionary<string, int> map, int[] numbers, Colour colour, double? weight);

    ValueTask Nothing();

    Task<long> Key();
}
