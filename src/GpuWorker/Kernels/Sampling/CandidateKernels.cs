using ILGPU;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>
/// Purpose: the n most likely tokens of rows, by logit descending, then id ascending, so that truncation can go on at the host without all logits.
/// Formula: a key is the logit's bits, turned so that order is that of integers, and the id below; the n smallest keys by radix selection, sorted.
/// Shapes: logits rows x V; a list of asks, each a row and its n, up to 1,024; negative infinity is no candidate.
/// Layout: rows of floats with any stride; keys of 64 bits.
/// Launch: a group for each part of 4,096 logits keeps the part's n best; a group for each row chooses among those and sorts; one pass where a row has one part.
/// Cost: at most 9 reads of a logit, mostly 3 to 5, from the cache; n log^2 n exchanges in shared memory; no local memory.
/// Numerics: integers; every key is different, so the result does not depend on any order.
/// </summary>
/// <remarks>
/// v1: portable. v2: asks of any rows, each with its own n, in one launch. Not measured: no device.
/// </remarks>
internal static class CandidateKernels
{
    /// <summary>Logits of a part.</summary>
    public const int PartTokens = 4096;

    /// <summary>Most candidates.</summary>
    public const int MostCandidates = 1024;

    private const int DigitBits = 8;
    private const int Digits = 1 << DigitBits;
    private const int KeyBits = 64;

    // Places in the group's shared integers after the digits' counts.
    private const int Digit = Digits;
    private const int Left = Digits + 1;
    private const int Chosen = Digits + 2;
    private const int IsDone = Digits + 3;
    private const int State = Digits + 4;

    /// <summary>The best keys of one part of a row, in any order.</summary>
    [Kernel("candidates_part_f32")]
    public static void Part(CandidateArguments a)
    {
        ArrayView<ulong> kept = SharedMemory.Allocate<ulong>(MostCandidates);
        ArrayView<int> state = SharedMemory.Allocate<int>(State);
        CandidateAsk ask = a.Asks[Grid.IdxX / a.Parts];
        int part = Grid.IdxX % a.Parts;
        int count = Choose<LogitKeys>(a, state, kept, ask, part);
        long place = ((long)ask.First * a.Parts) + ((long)part * ask.Wanted);
        for (int i = Group.IdxX; i < ask.Wanted; i += Group.DimX)
        {
            a.Keys[place + i] = i < count ? kept[i] : ulong.MaxValue;
        }
    }

    /// <summary>The candidates of one ask, sorted.</summary>
    [Kernel("candidates_row_f32", typeof(LogitKeys))]
    [Kernel("candidates_join_f32", typeof(StoredKeys))]
    public static void Row<TSource>(CandidateArguments a)
        where TSource : unmanaged, ICandidateSource
    {
        ArrayView<ulong> kept = SharedMemory.Allocate<ulong>(MostCandidates);
        ArrayView<int> state = SharedMemory.Allocate<int>(State);
        CandidateAsk ask = a.Asks[Grid.IdxX];
        int count = Choose<TSource>(a, state, kept, ask, 0);
        Sort(kept, count);
        for (int i = Group.IdxX; i < count; i += Group.DimX)
        {
            ulong key = kept[i];
            uint ascending = ~(uint)(key >> 32);
            uint bits = (ascending & 0x80000000u) != 0 ? ascending & 0x7FFFFFFFu : ~ascending;
            Candidate candidate = default;
            candidate.Token = a.FirstToken + (int)(uint)key;
            candidate.Logit = Interop.IntAsFloat(bits);
            a.Candidates[ask.First + i] = candidate;
        }
        if (Group.IdxX == 0)
        {
            a.Counts[Grid.IdxX] = count;
        }
    }

    // Puts the smallest keys into shared memory; all threads come by and get their number.
    private static int Choose<TSource>(CandidateArguments a, ArrayView<int> state, ArrayView<ulong> kept, CandidateAsk ask, int part)
        where TSource : unmanaged, ICandidateSource
    {
        int count = TSource.Count(a, ask, part);
        ulong limit = Limit<TSource>(a, state, ask, part, count);
        if (Group.IdxX == 0)
        {
            state[Chosen] = 0;
        }
        Group.Barrier();
        for (int i = Group.IdxX; i < count; i += Group.DimX)
        {
            ulong key = TSource.Key(a, ask, part, i);
            if (key <= limit && key != ulong.MaxValue)
            {
                kept[Atomic.Add(ref state[Chosen], 1)] = key;
            }
        }
        Group.Barrier();
        return state[Chosen];
    }

    // The largest key to keep: digit by digit from the top, until the keys with the digits found are all wanted.
    private static ulong Limit<TSource>(CandidateArguments a, ArrayView<int> state, CandidateAsk ask, int part, int count)
        where TSource : unmanaged, ICandidateSource
    {
        if (count <= ask.Wanted)
        {
            return ulong.MaxValue;
        }
        ulong prefix = 0;
        int shift = KeyBits;
        if (Group.IdxX == 0)
        {
            state[Left] = ask.Wanted;
            state[IsDone] = 0;
        }
        Group.Barrier();
        while (shift > 0 && state[IsDone] == 0)
        {
            shift -= DigitBits;
            Count<TSource>(a, state, ask, part, count, prefix, shift);
            Group.Barrier();
            if (Group.IdxX == 0)
            {
                FindDigit(state);
            }
            Group.Barrier();
            prefix = (prefix << DigitBits) | (uint)state[Digit];
        }
        ulong below = shift == 0 ? 0 : (1UL << shift) - 1;
        return (prefix << shift) | below;
    }

    private static void Count<TSource>(CandidateArguments a, ArrayView<int> state, CandidateAsk ask, int part, int count, ulong prefix, int shift)
        where TSource : unmanaged, ICandidateSource
    {
        for (int i = Group.IdxX; i < Digits; i += Group.DimX)
        {
            state[i] = 0;
        }
        Group.Barrier();
        for (int i = Group.IdxX; i < count; i += Group.DimX)
        {
            ulong key = TSource.Key(a, ask, part, i);
            ulong digits = key >> shift;
            bool begins = shift == KeyBits - DigitBits || digits >> DigitBits == prefix;
            if (begins)
            {
                Atomic.Add(ref state[(int)(uint)(digits & (Digits - 1))], 1);
            }
        }
    }

    private static void FindDigit(ArrayView<int> state)
    {
        int left = state[Left];
        int digit = 0;
        while (state[digit] < left)
        {
            left -= state[digit];
            digit++;
        }
        state[Digit] = digit;
        state[Left] = left;
        state[IsDone] = state[digit] == left ? 1 : 0;
    }

    // Bitonic sort of the next power of two, padded with the largest key.
    private static void Sort(ArrayView<ulong> keys, int count)
    {
        int size = 1;
        while (size < count)
        {
            size *= 2;
        }
        for (int i = count + Group.IdxX; i < size; i += Group.DimX)
        {
            keys[i] = ulong.MaxValue;
        }
        Group.Barrier();
        for (int run = 2; run <= size; run *= 2)
        {
            for (int step = run / 2; step > 0; step /= 2)
            {
                for (int i = Group.IdxX; i < size; i += Group.DimX)
                {
                    int other = i ^ step;
                    if (other > i && (keys[i] > keys[other]) == ((i & run) == 0))
                    {
                        ulong key = keys[i];
                        keys[i] = keys[other];
                        keys[other] = key;
                    }
                }
                Group.Barrier();
            }
        }
    }
}
