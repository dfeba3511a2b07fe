using System.Globalization;
using Orleans;

namespace Winnow.ContractTests.Grains;

public class CopyGrain : Grain, ICopyGrain
{
    private Basket _kept = new();

    internal static Frozen? TheFrozen { get; set; }

    internal static List<int>? TheList { get; set; }

    public Task Keep(Basket basket)
    {
        _kept = basket;
        _kept.Items.Add(99);
        return Task.CompletedTask;
    }

    public Task<Basket> Kept() => Task.FromResult(_kept);

    public Task<bool> IsSame(Frozen frozen) => Task.FromResult(ReferenceEquals(frozen, TheFrozen));

    public Task<bool> IsSameList(List<int> list) => Task.FromResult(ReferenceEquals(list, TheList));

    public Task<IReadOnlyList<int>> Echo(IReadOnlyList<int> list) => Task.FromResult(list);

    public Task<Letter?> Post(Letter? letter) => Task.FromResult(letter);

    public ValueTask<string> Describe(IReadOnlyDictionary<string, int> map, int[] numbers, Colour colour, double? weight) =>
        ValueTask.FromResult(string.Create(CultureInfo.InvariantCulture, $"{map.Count} {string.Join('+', numbers)} {colour} {weight}"));

    public ValueTask Nothing() => ValueTask.CompletedTask;

    public Task<long> Key() => Task.FromResult(this.GetPrimaryKeyLong());
}
