using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Winnow.Tests.Common;

namespace Winnow.Fetching.Tests;

public sealed class ChunkMapTests : IDisposable
{
    private const int Chunks = 20;
    private const long FileBytes = ((Chunks - 1) * (long)ChunkPlan.ChunkBytes) + 7;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Map_AnyWritesAndRemovals_IsWhatASetIs()
    {
        int file = 0;
        Prop.ForAll(Gen.Choose(-Chunks, Chunks - 1).ArrayOf().ToArbitrary(), steps =>
        {
            string path = _folder.File($"{file++}.chunks");
            HashSet<int> expected = [];
            using (ChunkMap sut = ChunkMap.Open(path, FileBytes))
            {
                foreach (int step in steps)
                {
                    Apply(sut, expected, step);
                }
            }
            using ChunkMap again = ChunkMap.Open(path, FileBytes);
            return Enumerable.Range(0, Chunks).All(chunk => Holds(again, chunk) == expected.Contains(chunk))
                && ChunkMap.PresentBytes(path) == ChunkPlan.Bytes(expected, FileBytes);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Open_MapOfAnotherLength_BeginsAnew()
    {
        string path = _folder.File("a.chunks");
        using (ChunkMap before = ChunkMap.Open(path, FileBytes))
        {
            before.Write(3, Checksum(3));
        }

        using ChunkMap sut = ChunkMap.Open(path, FileBytes + 1);

        Assert.False(Holds(sut, 3));
    }

    [Fact]
    public void Open_DamagedMap_BeginsAnew()
    {
        string path = _folder.Write("a.chunks", [1, 2, 3]);

        using ChunkMap sut = ChunkMap.Open(path, FileBytes);

        Assert.Empty(sut.WholeChecksum);
        Assert.False(Holds(sut, 0));
    }

    [Fact]
    public void WholeChecksum_OnceSet_IsThereAgain()
    {
        string path = _folder.File("a.chunks");
        using (ChunkMap before = ChunkMap.Open(path, FileBytes))
        {
            before.WholeChecksum = Checksum(9);
        }

        using ChunkMap sut = ChunkMap.Open(path, FileBytes);

        Assert.Equal(Checksum(9), sut.WholeChecksum);
        Assert.Equal(0, ChunkMap.PresentBytes(path));
    }

    private static void Apply(ChunkMap sut, HashSet<int> expected, int step)
    {
        if (step >= 0)
        {
            sut.Write(step, Checksum(step));
            expected.Add(step);
        }
        else
        {
            sut.Forget(-step - 1);
            expected.Remove(-step - 1);
        }
    }

    private static bool Holds(ChunkMap map, int chunk)
    {
        byte[] found = new byte[ChunkMap.HashBytes];
        return map.TryRead(chunk, found) && found.AsSpan().SequenceEqual(Checksum(chunk));
    }

    private static byte[] Checksum(int chunk) => SHA256.HashData(BitConverter.GetBytes(chunk));
}
