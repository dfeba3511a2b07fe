using System.Collections;
using FsCheck;
using FsCheck.Fluent;
using Orleans.Serialization;

namespace Winnow.LiteTests;

public sealed class CodecTests
{
    [Fact]
    public void Primitives_Written_AreReadBack()
    {
        RoundTrips<int>();
        RoundTrips<long>();
        RoundTrips<byte>();
        RoundTrips<short>();
        RoundTrips<uint>();
        RoundTrips<ulong>();
        RoundTrips<char>();
        RoundTrips<bool>();
        RoundTrips<float>();
        RoundTrips<double>();
        RoundTrips<decimal>();
        RoundTrips<Guid>();
        RoundTrips<TimeSpan>();
        RoundTrips<DateTime>();
        RoundTrips<DateTimeOffset>();
        RoundTrips<Suit>();
        RoundTrips<int?>();
    }

    [Fact]
    public void Collections_Written_AreReadBack()
    {
        RoundTrips<int[]>();
        RoundTrips<List<long>>();
        RoundTrips<List<int?>>();
        RoundTrips<byte[]>();
        RoundTrips<double[][]>();
        RoundTrips<Dictionary<int, List<bool>>>();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("naïve \ud83d\ude00\0")]
    public void Text_Written_IsReadBack(string? text) => Assert.Equal(text, Payload.Read<string?>(Payload.Write(text)));

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(0)]
    [InlineData(-1)]
    public void Numbers_AtTheirEnds_AreReadBack(long number) => Assert.Equal(number, Payload.Read<long>(Payload.Write(number)));

    [Fact]
    public void Objects_Written_AreReadBack() => Prop.ForAll<int, long>((x, y) =>
    {
        var point = new Point { X = x, Y = y, Next = new Point { X = y.GetHashCode() } };
        var pair = new Pair { Left = x, Right = y.ToString() };
        return point == Payload.Read<Point>(Payload.Write(point)) && pair.Equals(Payload.Read<Pair>(Payload.Write(pair)));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Copy_OfAnything_IsWhatWritingAndReadingGives() => Prop.ForAll<int[], int>((items, key) =>
    {
        var map = new Dictionary<int, IReadOnlyList<int>> { [key] = items, [unchecked(key + 1)] = new List<int>(items) };
        var copy = (Dictionary<int, IReadOnlyList<int>>)CodecProvider.Get(map.GetType()).CopyObject(map, 0)!;
        Dictionary<int, IReadOnlyList<int>> read = Payload.Read<Dictionary<int, IReadOnlyList<int>>>(Payload.Write(map));
        return !ReferenceEquals(copy[key], items) && copy[key] is int[] && read[key] is int[]
            && copy[key].SequenceEqual(items) && read[unchecked(key + 1)] is List<int> list && list.SequenceEqual(items);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void UnknownMembers_AreSkippedAndMissingOnesKeepTheirDefaults()
    {
        var later = new LaterPoint
        {
            Y = 8,
            Next = new LaterPoint { Extra = new Dictionary<string, List<double?>> { ["a"] = [1, null] } },
            Extra = new Dictionary<string, List<double?>> { ["b"] = [] },
            Tag = "t",
        };

        Point earlier = Payload.Read<Point>(Payload.Write(later));
        LaterPoint back = Payload.Read<LaterPoint>(Payload.Write(new Point { X = 1, Y = 2 }));

        Assert.Equal(new Point { X = 0, Y = 8, Next = new Point { X = 0, Y = 5 } }, earlier);
        Assert.Equal(new LaterPoint { Y = 2, Tag = "untagged" }, back);
    }

    [Fact]
    public void Format_OfVersionOne_DoesNotChange()
    {
        byte[] bytes = Payload.Write(new Point { X = -1, Y = 300, Next = null });

        Assert.Equal("01-05-03-00-01-01-01-01-D8-04-02-00", BitConverter.ToString(bytes));
    }

    [Fact]
    public void Comparers_OfStringKeys_AreKept()
    {
        var map = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["Key"] = 1 };

        Assert.Equal(1, Payload.Read<IReadOnlyDictionary<string, int>>(Payload.Write<IReadOnlyDictionary<string, int>>(map))["kEY"]);
    }

    [Fact]
    public void Cycle_WrittenOrCopied_IsRefused()
    {
        var ring = new Ring();
        ring.Next = ring;

        Assert.Throws<SerializerException>(() => Payload.Write(ring));
        Assert.Throws<SerializerException>(() => CodecProvider.Get(typeof(Ring)).CopyObject(ring, 0));
    }

    [Theory]
    [InlineData(typeof(object))]
    [InlineData(typeof(Stream))]
    [InlineData(typeof(int[,]))]
    [InlineData(typeof(Twice))]
    [InlineData(typeof(Unnumbered))]
    [InlineData(typeof(Positional))]
    [InlineData(typeof(Action))]
    public void Types_ThatCanNotBeSent_AreRefused(Type type) => Assert.Throws<CodecNotFoundException>(() => CodecProvider.Get(type));

    [Fact]
    public void HostileBytes_Random_AreReadOrRefused() => Prop.ForAll<byte[]>(bytes =>
    {
        foreach (Type type in (Type[])[typeof(Point), typeof(LaterPoint), typeof(List<int>), typeof(Dictionary<string, int[]>), typeof(Suit)])
        {
            ReadOrRefuse(type, bytes);
            ReadOrRefuse(type, [Payload.Version, .. bytes]);
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void HostileBytes_ChangedOrCut_AreReadOrRefused()
    {
        byte[] valid = Payload.Write(new LaterPoint
        {
            Next = new LaterPoint { Tag = "inner" },
            Extra = new Dictionary<string, List<double?>> { ["key"] = [1, null, 3] },
        });
        for (int i = 0; i < valid.Length; i++)
        {
            ReadOrRefuse(typeof(LaterPoint), valid[..i]);
            foreach (byte value in (byte[])[0, 1, 4, 5, 6, 7, 8, 0x7F, 0x80, 0xFF])
            {
                byte[] changed = [.. valid];
                changed[i] = value;
                ReadOrRefuse(typeof(LaterPoint), changed);
                ReadOrRefuse(typeof(Point), changed);
            }
        }
    }

    [Theory]
    [InlineData("02-01-02")] // version 2
    [InlineData("01-01-02-00")] // a byte too many
    [InlineData("01-04-7F")] // text longer than the message
    [InlineData("01-01-FF-FF-FF-FF-FF-FF-FF-FF-FF-02")] // 65 bits
    [InlineData("01-01-FF-FF-FF-FF-1F")] // beyond an int
    public void HostileBytes_OfAKnownKind_AreRefused(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace("-", "", StringComparison.Ordinal));

        Assert.Throws<SerializerException>(() => Payload.Read<int>(bytes));
    }

    [Fact]
    public void HostileCount_OfAHugeList_AllocatesNothingLarge()
    {
        byte[] bytes = [Payload.Version, 6, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 1, 2];
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<SerializerException>(() => Payload.Read<int[]>(bytes));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void HostileNesting_DeepInSkippedMembers_IsRefused()
    {
        byte[] deep = [Payload.Version, .. Enumerable.Repeat<byte[]>([5, 1, 99], 10_000).SelectMany(part => part), 0];

        Assert.Throws<SerializerException>(() => Payload.Read<Point>(deep));
    }

    private static void RoundTrips<T>() =>
        Prop.ForAll<T>(value => Same(value, Payload.Read<T>(Payload.Write(value)))).QuickCheckThrowOnFailure();

    private static bool Same<T>(T left, T right) => (left, right) switch
    {
        (DateTimeOffset a, DateTimeOffset b) => a.EqualsExact(b),
        (DateTime a, DateTime b) => a.Ticks == b.Ticks && a.Kind == b.Kind,
        (IDictionary a, IDictionary b) => a.Count == b.Count && a.Keys.Cast<object>().All(key => Same(a[key], b[key])),
        (IList a, IList b) => a.Count == b.Count && a.Cast<object?>().Zip(b.Cast<object?>()).All(pair => Same(pair.First, pair.Second)),
        _ => EqualityComparer<T>.Default.Equals(left, right),
    };

    private static void ReadOrRefuse(Type type, byte[] bytes)
    {
        try
        {
            Payload.Read([CodecProvider.Get(type)], bytes);
        }
        catch (SerializerException)
        {
            // The only exception that hostile bytes may cause.
        }
    }
}
