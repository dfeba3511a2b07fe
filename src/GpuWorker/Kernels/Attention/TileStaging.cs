using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>
/// Brings tiles of keys and values into shared memory: loads into registers, with products between, then stores. Keys that no query of the group
/// reads become zeros: what lies in their slots is never seen. A group has <see cref="TileKernels.Threads"/> threads, and each has one octet of every
/// block of 32 columns.
/// </summary>
/// <remarks>
/// Not by <c>cp.async</c>: with it in a kernel, NVIDIA's compiler (ptxas 11.8) leaves all operands of inline PTX in local memory.
/// </remarks>
/// <typeparam name="TColumns">A head's columns.</typeparam>
/// <typeparam name="TForm">Stored form.</typeparam>
internal static class TileStaging<TColumns, TForm>
    where TColumns : unmanaged, ITileColumns<TColumns>
    where TForm : unmanaged, ITileForm
{
    private const int TileTokens = TileKernels.TileTokens;
    private const int BlockOctets = DeviceKvLayout.BlockElements / DeviceKvLayout.OctetElements;
    private const int BlockQuads = TileTokens * BlockOctets;

    /// <summary>Notes where the keys of a split lie.</summary>
    public static void FindSlots(in AttentionArguments a, in TileGroup group, int split)
    {
        for (int i = Group.IdxX; i < AttentionKernels.SplitTokens; i += Group.DimX)
        {
            int position = (split * AttentionKernels.SplitTokens) + i;
            if (position >= group.First && position < group.End)
            {
                group.Words[SlotAt(position)] = position < group.Work.Base
                    ? (a.Pass[group.Work.Blocks + (position / a.BlockTokens)] * a.BlockTokens) + (position % a.BlockTokens)
                    : a.Pass[group.Work.Path + position - group.Work.Base];
            }
        }
    }

    /// <summary>Loads keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileFetch LoadKeys(in AttentionArguments a, in TileGroup group, int tile)
    {
        int thread = Group.IdxX;
        TileFetch fetch = default;
        int slot = Slot(group, tile, thread % TileTokens);
        if (slot >= 0)
        {
            int octet = a.Kv.KeyOctet(group.Work.KvHead, slot) + (thread / TileTokens << 4);
            fetch = LoadBlocks(a.Kv.Keys, octet, BlockOctets << 4);
            if (TForm.HasScales && thread < TileTokens * TileLayout<TColumns, TForm>.Blocks)
            {
                int at = a.Kv.KeyScale(group.Work.KvHead, slot) + (thread / TileTokens << 4);
                fetch.Scale = KernelMath.WidenHalf(a.Kv.KeyScales[at]);
            }
        }
        return fetch;
    }

    /// <summary>Loads values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileFetch LoadValues(in AttentionArguments a, in TileGroup group, int tile)
    {
        int thread = Group.IdxX;
        TileFetch fetch = default;
        int slot = Slot(group, tile, ValueKey(thread));
        if (slot >= 0)
        {
            int octet = a.Kv.ValueOctet(group.Work.KvHead, slot) + (thread % BlockOctets);
            fetch = LoadBlocks(a.Kv.Values, octet, BlockOctets);
        }
        if (TForm.HasScales && thread < TileTokens * TileLayout<TColumns, TForm>.Blocks)
        {
            slot = Slot(group, tile, thread % TileTokens);
            if (slot >= 0)
            {
                int at = a.Kv.ValueScale(group.Work.KvHead, slot) + (thread / TileTokens);
                float scale = KernelMath.WidenHalf(a.Kv.ValueScales[at]);
                scale = scale > TileKernels.MostScale ? TileKernels.MostScale : scale;
                fetch.Scale = scale < -TileKernels.MostScale ? -TileKernels.MostScale : scale;
            }
        }
        return fetch;
    }

    /// <summary>Stores loaded keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreKeys(in TileGroup group, in TileFetch fetch, int stage)
    {
        StoreBlocks(group.Quads, fetch, (stage * TileLayout<TColumns, TForm>.StageQuads) + Group.IdxX, BlockQuads);
        StoreScale(group, fetch, stage, 0);
    }

    /// <summary>Stores loaded values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreValues(in TileGroup group, in TileFetch fetch, int stage)
    {
        int key = ValueKey(Group.IdxX);
        int row = (stage * TileLayout<TColumns, TForm>.StageQuads) + TileLayout<TColumns, TForm>.KeyQuads + (key * TileLayout<TColumns, TForm>.RowQuads);
        int octet = Group.IdxX % BlockOctets;
        group.Quads[row + (octet ^ (key & 7))] = TForm.Widen(fetch.B0);
        group.Quads[row + ((octet + 4) ^ (key & 7))] = TForm.Widen(fetch.B1);
        if (TileLayout<TColumns, TForm>.Blocks > 2)
        {
            group.Quads[row + ((octet + 8) ^ (key & 7))] = TForm.Widen(fetch.B2);
        }
        if (TileLayout<TColumns, TForm>.Blocks > 3)
        {
            group.Quads[row + ((octet + 12) ^ (key & 7))] = TForm.Widen(fetch.B3);
        }
        StoreScale(group, fetch, stage, TileLayout<TColumns, TForm>.StageScales / 2);
    }

    // The key whose values a thread has. Eight neighbours have octets of two keys whose places differ, so that they store to different banks.
    private static int ValueKey(int thread) => (thread / 32 * 8) + ((thread >> 2) & 1) * 4 + ((thread >> 3) & 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TileFetch LoadBlocks(ArrayView<int> words, int octet, int step)
    {
        TileFetch fetch = default;
        fetch.B0 = TForm.Load(words, octet);
        fetch.B1 = TForm.Load(words, octet + step);
        if (TileLayout<TColumns, TForm>.Blocks > 2)
        {
            fetch.B2 = TForm.Load(words, octet + (2 * step));
        }
        if (TileLayout<TColumns, TForm>.Blocks > 3)
        {
            fetch.B3 = TForm.Load(words, octet + (3 * step));
        }
        return fetch;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreBlocks(ArrayView<Quad> quads, in TileFetch fetch, int at, int step)
    {
        quads[at] = TForm.Widen(fetch.B0);
        quads[at + step] = TForm.Widen(fetch.B1);
        if (TileLayout<TColumns, TForm>.Blocks > 2)
        {
            quads[at + (2 * step)] = TForm.Widen(fetch.B2);
        }
        if (TileLayout<TColumns, TForm>.Blocks > 3)
        {
            quads[at + (3 * step)] = TForm.Widen(fetch.B3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreScale(in TileGroup group, in TileFetch fetch, int stage, int offset)
    {
        if (TForm.HasScales && Group.IdxX < TileTokens * TileLayout<TColumns, TForm>.Blocks)
        {
            TileGroup.Scales<TColumns, TForm>(group, stage)[offset + Group.IdxX] = fetch.Scale;
        }
    }

    // The slot of a tile's key; -1 for one that no query of the group reads.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Slot(in TileGroup group, int tile, int key)
    {
        int position = (tile * TileTokens) + key;
        return position >= group.First && position < group.End ? group.Words[SlotAt(position)] : -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SlotAt(int position) => (4 * TileLayout<TColumns, TForm>.Slots) + (position & (TileKernels.SlotWords - 1));
}
