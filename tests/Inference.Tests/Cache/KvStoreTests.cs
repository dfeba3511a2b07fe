using Winnow.Inference.Cache;
using Winnow.Inference.Cpu;
using Winnow.Inference.Tests.Cpu;

namespace Winnow.Inference.Tests.Cache;

/// <summary>What is stored, its size, and that copies move it unchanged.</summary>
public sealed unsafe class KvStoreTests
{
    public static TheoryData<KvType> Types => [.. Enum.GetValues<KvType>()];

    [Theory]
    [InlineData(KvType.F32, 64, 512)]
    [InlineData(KvType.F16, 64, 256)]
    [InlineData(KvType.Q8_0, 64, 136)]
    [InlineData(KvType.Q4_0, 64, 72)]
    [InlineData(KvType.Q8_0, 40, 136)]
    public void Layout_KeyAndValue_TakesTheBytesOfItsForm(KvType type, int headSize, int bytes)
    {
        KvLayout sut = KvLayout.Of(type, headSize);

        Assert.Equal(bytes, sut.RowBytes + sut.ValueRowBytes);
    }

    [Theory]
    [InlineData(KvType.Q8_0, 0.5 / 127)]
    [InlineData(KvType.Q4_0, 1.0 / 8)]
    public void Write_Quantised_ReadsWithinAStepOfEveryBlocksLargest(KvType type, double tolerance)
    {
        const int HeadSize = 48;
        Random random = new(3);
        using KvStore sut = AttentionCase.StoreOf(type, HeadSize, blocks: 1);
        float[] key = [.. Enumerable.Range(0, HeadSize).Select(d => (d < 32 ? 1 : 100) * KernelCase.Value(random))];
        float[] value = [.. key.Select(x => -x)];
        AttentionCase.Write(sut, 5, key, value);
        float[] keys = Widened(sut, keys: true);
        float[] values = Widened(sut, keys: false);

        for (int d = 0; d < HeadSize; d++)
        {
            double step = tolerance * key.Skip(d / 32 * 32).Take(32).Max(Math.Abs) * 1.01;
            Assert.InRange(keys[(d * 16) + 5] - key[d], -step, step);
            Assert.InRange(values[(5 * sut.Shape.PaddedHeadSize) + d] - value[d], -step, step);
        }
    }

    [Fact]
    public void KeyTile_NeighbouringBlocks_LieTogetherAndNoTwoOverlap()
    {
        using KvStore sut = new(new KvShape
        {
            Layers = 1,
            KvHeads = 3,
            HeadSize = 16,
            BlockTokens = 16,
            BlockCount = 40,
            ScratchTokens = 5,
            Type = KvType.F16,
        });
        long[] places = [.. Enumerable.Range(0, 41 * 3).Select(i => sut.KeyTile(0, i / 3, i % 3) - sut.KeyTile(0, 0, 0))];

        Assert.Equal(sut.KeyTileBytes, places[3] - places[0]);
        Assert.Equal(places.Length, places.Distinct().Count());
        Assert.All(places, place => Assert.InRange(place, 0, (sut.Bytes / 2) - sut.KeyTileBytes));
        Assert.All(places, place => Assert.Equal(0, place % sut.KeyTileBytes));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void CopyRow_AnotherLane_ReadsTheSame(KvType type)
    {
        Random random = new(4);
        using KvStore sut = AttentionCase.StoreOf(type, headSize: 40, blocks: 2);
        float[] row = [.. Enumerable.Range(0, 40).Select(_ => KernelCase.Value(random))];
        AttentionCase.Write(sut, 3, row, row);

        sut.CopyRow(3, 14);

        float[] keys = Widened(sut, keys: true);
        float[] values = Widened(sut, keys: false);
        int padded = sut.Shape.PaddedHeadSize;
        Assert.All(Enumerable.Range(0, 40), d => Assert.Equal(keys[(d * 16) + 3], keys[(d * 16) + 14]));
        Assert.Equal(values[(3 * padded)..(4 * padded)], values[(14 * padded)..(15 * padded)]);
        Assert.Contains(keys, x => x != 0);
    }

    [Fact]
    public void Quantize_ZeroBlock_StaysZero()
    {
        using KvStore sut = AttentionCase.StoreOf(KvType.Q4_0, headSize: 32, blocks: 1);

        AttentionCase.Write(sut, 0, new float[32], new float[32]);

        Assert.All(Widened(sut, keys: false).AsSpan(0, 32).ToArray(), x => Assert.Equal(0, x));
    }

    private static float[] Widened(KvStore store, bool keys)
    {
        float[] floats = new float[16 * store.Shape.PaddedHeadSize];
        fixed (float* room = floats)
        {
            float* read = store.Shape.Type switch
            {
                KvType.F32 => Read<FloatKv>(store, keys, room),
                KvType.Q8_0 => Read<ByteKv>(store, keys, room),
                KvType.Q4_0 => Read<NibbleKv>(store, keys, room),
                _ => Read<HalfKv>(store, keys, room),
            };
            int count = 16 * (keys ? store.Shape.HeadSize : store.Shape.PaddedHeadSize);
            return new ReadOnlySpan<float>(read, count).ToArray();
        }
    }

    private static float* Read<TForm>(KvStore store, bool keys, float* room)
        where TForm : struct, IKvForm =>
        keys
            ? TForm.Keys<LanesScalar>(store.KeyTile(0, 0, 0), store.Shape.HeadSize, room)
            : TForm.Values<LanesScalar>(store.ValueTile(0, 0, 0), store.Shape.PaddedHeadSize, room);
}
