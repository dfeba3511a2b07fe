using FsCheck;
using FsCheck.Fluent;

namespace Winnow.Inference.Tests.Execution;

public sealed class ShardEnginePropertyTests
{
    private static readonly Gen<Move> Moves =
        from kind in Gen.Elements(Enum.GetValues<MoveKind>())
        from target in Gen.Choose(0, 1000)
        from size in Gen.Choose(0, 1000)
        from ends in Gen.Choose(0, 2)
        select new Move(kind, target, size, ends == 0);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Execute_AnySteps_EqualPlainAutoregression(int shards)
    {
        int accepted = 0;
        Arbitrary<Move[]> runs = Arb.From(Moves.ArrayOf(60), Shrink);

        Prop.ForAll(runs, moves =>
        {
            CoordinatorModel model = new(shards, moves.Sum(move => move.Size));
            model.Play(moves);
            accepted += model.Accepted;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithReplay(2718, 281));

        Assert.True(accepted > 500, $"Only {accepted} drafts were accepted.");
    }

    private static IEnumerable<Move[]> Shrink(Move[] moves)
    {
        for (int length = moves.Length / 2; length > 0; length /= 2)
        {
            for (int start = 0; start + length <= moves.Length; start += length)
            {
                yield return [.. moves[..start], .. moves[(start + length)..]];
            }
        }
    }
}
