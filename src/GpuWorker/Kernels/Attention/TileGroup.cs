using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>What all threads of a group of <see cref="TileKernels"/> know.</summary>
internal struct TileGroup
{
    /// <summary>What the group does.</summary>
    public WorkEntry Work;

    /// <summary>First position that any of its queries reads.</summary>
    public int First;

    /// <summary>After the last one.</summary>
    public int End;

    /// <summary>Address of its shared memory.</summary>
    public int Address;

    /// <summary>Its shared memory.</summary>
    public ArrayView<Quad> Quads;

    /// <summary>The same.</summary>
    public ArrayView<int> Words;

    /// <summary>Finds the positions that a group's queries read in its splits; every warp looks at all rows.</summary>
    public static TileGroup Find(in AttentionArguments a, in WorkEntry work)
    {
        TileGroup group = default;
        group.Work = work;
        int first = int.MaxValue;
        int last = -1;
        for (int row = Group.IdxX % Warp.WarpSize; row < work.Queries / work.HeadsTogether; row += Warp.WarpSize)
        {
            int position = a.Pass[((work.FirstRow + row) * PassMetadata.RowInts) + PassMetadata.RowPosition];
            int start = a.Window == 0 ? 0 : position - a.Window + 1;
            first = start < first ? start : first;
            last = position > last ? position : last;
        }
        for (int lanes = Warp.WarpSize / 2; lanes > 0; lanes /= 2)
        {
            int other = Warp.ShuffleXor(first, lanes);
            first = other < first ? other : first;
            other = Warp.ShuffleXor(last, lanes);
            last = other > last ? other : last;
        }
        int begin = work.FirstSplit * AttentionKernels.SplitTokens;
        int end = begin + (work.Splits * AttentionKernels.SplitTokens);
        group.First = first > begin ? first : begin;
        group.End = last + 1 < end ? last + 1 : end;
        return group;
    }

    /// <summary>A stage's scales: keys [block of 32][32 keys], then values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ArrayView<float> Scales<TColumns, TForm>(in TileGroup group, int stage)
        where TColumns : unmanaged, ITileColumns<TColumns>
        where TForm : unmanaged, ITileForm =>
        group.Words
            .SubView((4 * TileLayout<TColumns, TForm>.Scales) + (stage * TileLayout<TColumns, TForm>.StageScales), TileLayout<TColumns, TForm>.StageScales)
            .Cast<float>();
}
