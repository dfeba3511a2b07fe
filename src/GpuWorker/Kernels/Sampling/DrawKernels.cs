using ILGPU;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>
/// Purpose: draws the token of every row by Gumbel-max: the target's own sampling (docs/sampling.md), bit-equal to the CPU's.
/// Formula: argmax_v (logit_v / temperature + noise_v), noise = -log(-log((word + 1/2) / 2^32)) of Philox; the lowest id among equals; temperature 0: the largest logit.
/// Shapes: logits rows x V, parameters and results one a row.
/// Layout: rows of floats with any stride; noise of tokens 4 i to 4 i + 3 comes from one counter value.
/// Launch: three passes: a group for each row and segment of 4,096 logits scans for the largest, a group for each draws, a group for each row joins.
/// Cost: logits are read twice; noise is made only where the largest possible noise could win; double precision; no local memory.
/// Numerics: float64 as the CPU's, product by product; best and lowest id do not depend on the order in which they are found.
/// </summary>
/// <remarks>
/// v1: portable. v2: rows may be a part of the vocabulary. Not measured: no device.
/// </remarks>
internal static class DrawKernels
{
    /// <summary>Logits of a segment.</summary>
    public const int SegmentTokens = 4096;

    /// <summary>Most threads of a group.</summary>
    public const int MostThreads = 256;

    // Far above the rounding of the few operations of a cut.
    private const double Slack = 1e-9;

    /// <summary>The largest logit of one segment of one row, and whether all can be used.</summary>
    [Kernel("logits_scan_f32")]
    public static void Scan(DrawArguments a)
    {
        int row = Grid.IdxX / a.SegmentCount;
        int first = Grid.IdxX % a.SegmentCount * SegmentTokens;
        int end = first + SegmentTokens < a.Vocabulary ? first + SegmentTokens : a.Vocabulary;
        DrawResult best = None();
        for (int token = first + Group.IdxX; token < end; token += Group.DimX)
        {
            float logit = a.Logits[(row * a.Stride) + token];
            if (!(logit < float.PositiveInfinity))
            {
                best.Status = DrawStatus.NotANumber;
            }
            else if (logit > best.Largest)
            {
                best.Largest = logit;
                best.Score = logit;
                best.Token = token;
            }
        }
        best = BestOfGroup(best);
        if (Group.IdxX == 0)
        {
            a.Scanned[Grid.IdxX] = best;
        }
    }

    /// <summary>The best token of one segment of one row.</summary>
    [Kernel("gumbel_draw_f32")]
    public static void Draw(DrawArguments a)
    {
        int row = Grid.IdxX / a.SegmentCount;
        int first = Grid.IdxX % a.SegmentCount * SegmentTokens;
        int end = first + SegmentTokens < a.Vocabulary ? first + SegmentTokens : a.Vocabulary;
        DrawParameters draw = a.Draws[row];
        DrawResult best = Join(a.Scanned, row * a.SegmentCount, a.SegmentCount);
        if (draw.Temperature > 0f && best.Status == DrawStatus.Drawn && best.Token >= 0)
        {
            double temperature = draw.Temperature;
            int id = a.FirstToken + best.Token;
            uint word = DevicePhilox.Block(draw, (uint)id >> 2).At(id & 3);
            best.Score = (best.Largest / temperature) + DeviceNoise.FromWord(word, a.Zero);
            // Four ids have their noise together; at the ends of a part they may belong to two devices.
            int before = (a.FirstToken + first) & 3;
            for (int four = first - before + (4 * Group.IdxX); four < end; four += 4 * Group.DimX)
            {
                best = DrawFour(a, draw, best, row, four, first, end);
            }
        }
        best = BestOfGroup(best);
        if (Group.IdxX == 0)
        {
            a.Segments[Grid.IdxX] = best;
        }
    }

    /// <summary>The token of one row.</summary>
    [Kernel("gumbel_join_f32")]
    public static void Join(DrawArguments a)
    {
        int row = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (row >= a.Results.IntLength)
        {
            return;
        }
        DrawResult best = Join(a.Segments, row * a.SegmentCount, a.SegmentCount);
        if (best.Status == DrawStatus.Drawn && best.Token < 0)
        {
            best.Status = DrawStatus.NoCandidates;
        }
        best.Token += a.FirstToken;
        a.Results[row] = best;
    }

    private static DrawResult DrawFour(DrawArguments a, DrawParameters draw, DrawResult best, int row, int four, int first, int end)
    {
        double temperature = draw.Temperature;
        double cut = ((best.Score - DeviceNoise.Largest) * temperature)
            - (Slack * ((best.Score < 0 ? -best.Score : best.Score) + DeviceNoise.Largest) * temperature);
        int from = four < first ? first - four : 0;
        int to = end - four < 4 ? end - four : 4;
        bool any = false;
        for (int i = from; i < to; i++)
        {
            any |= a.Logits[(row * a.Stride) + four + i] >= cut;
        }
        if (!any)
        {
            return best;
        }
        PhiloxWords words = DevicePhilox.Block(draw, (uint)(a.FirstToken + four) >> 2);
        for (int i = from; i < to; i++)
        {
            double scaled = a.Logits[(row * a.Stride) + four + i] / temperature;
            uint word = words.At(i);
            if (scaled + DeviceNoise.Bound(word) < best.Score)
            {
                continue;
            }
            double score = scaled + DeviceNoise.FromWord(word, a.Zero);
            if (score > best.Score || (score == best.Score && four + i < best.Token))
            {
                best.Score = score;
                best.Token = four + i;
            }
        }
        return best;
    }

    private static DrawResult None()
    {
        DrawResult none = default;
        none.Score = double.NegativeInfinity;
        none.Largest = float.NegativeInfinity;
        none.Token = -1;
        return none;
    }

    private static DrawResult Join(ArrayView<DrawResult> parts, int first, int count)
    {
        DrawResult best = parts[first];
        for (int i = 1; i < count; i++)
        {
            best = Better(best, parts[first + i]);
        }
        return best;
    }

    private static DrawResult Better(DrawResult x, DrawResult y)
    {
        bool second = y.Token >= 0 && (x.Token < 0 || y.Score > x.Score || (y.Score == x.Score && y.Token < x.Token));
        DrawResult better = x;
        better.Score = second ? y.Score : x.Score;
        better.Token = second ? y.Token : x.Token;
        better.Largest = y.Largest > x.Largest ? y.Largest : x.Largest;
        better.Status = y.Status > x.Status ? y.Status : x.Status;
        return better;
    }

    // All threads come by; the first has the result.
    private static DrawResult BestOfGroup(DrawResult mine)
    {
        ArrayView<DrawResult> all = SharedMemory.Allocate<DrawResult>(MostThreads);
        all[Group.IdxX] = mine;
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            Group.Barrier();
            if (Group.IdxX < half)
            {
                all[Group.IdxX] = Better(all[Group.IdxX], all[Group.IdxX + half]);
            }
        }
        return all[Group.IdxX];
    }
}
