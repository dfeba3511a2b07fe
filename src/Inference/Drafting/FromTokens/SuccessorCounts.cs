using System.Runtime.CompilerServices;

namespace Winnow.Inference.Drafting.FromTokens;

/// <summary>
/// Decayed counts of what followed a pair of tokens (or, with one token, a single one), for a bounded number of them: a set-associative table, in which the
/// least counted of four contexts makes room for a new one.
/// </summary>
/// <remarks>32768 contexts of 44 bytes: 1.4 MiB, taken when first used.</remarks>
internal sealed class SuccessorCounts
{
    /// <summary>In the place of the first token: the context is the second alone.</summary>
    public const int Any = -1;

    private const int Sets = 8192;
    private const int Ways = 4;
    private const float Decay = 0.99f;
    private readonly Context[] _contexts = new Context[Sets * Ways];

    /// <summary>Counts a successor once; what the context counted before decays by a hundredth.</summary>
    public void Learn(int first, int second, int successor)
    {
        ref Context context = ref Claim(first, second);
        context.Total = 0;
        int own = -1;
        int least = 0;
        for (int i = 0; i < Followers.Length; i++)
        {
            ref Follower follower = ref context.Followers[i];
            follower.Weight *= Decay;
            context.Total += follower.Weight;
            own = follower.Weight > 0 && follower.Token == successor ? i : own;
            least = follower.Weight < context.Followers[least].Weight ? i : least;
        }
        if (own < 0)
        {
            own = least;
            context.Total -= context.Followers[own].Weight;
            context.Followers[own] = new Follower { Token = successor };
        }
        context.Followers[own].Weight++;
        context.Total++;
    }

    /// <summary>The likeliest successor and its share of the counts; on a tie the smaller id.</summary>
    /// <returns>Whether the context is known.</returns>
    public bool TryBest(int first, int second, out int successor, out float share)
    {
        (successor, share) = (0, 0);
        int index = Find(first, second);
        if (index < 0)
        {
            return false;
        }
        ref Context context = ref _contexts[index];
        for (int i = 0; i < Followers.Length; i++)
        {
            Follower follower = context.Followers[i];
            float part = follower.Weight / context.Total;
            if (part > share || (part == share && follower.Token < successor))
            {
                (successor, share) = (follower.Token, part);
            }
        }
        return share > 0;
    }

    private ref Context Claim(int first, int second)
    {
        int index = Find(first, second);
        if (index < 0)
        {
            index = FirstOf(first, second);
            for (int way = index + 1; way < FirstOf(first, second) + Ways; way++)
            {
                index = _contexts[way].Total < _contexts[index].Total ? way : index;
            }
            _contexts[index] = new Context { First = first, Second = second };
        }
        return ref _contexts[index];
    }

    private int Find(int first, int second)
    {
        int start = FirstOf(first, second);
        for (int way = start; way < start + Ways; way++)
        {
            if (_contexts[way].Total > 0 && _contexts[way].First == first && _contexts[way].Second == second)
            {
                return way;
            }
        }
        return -1;
    }

    private static int FirstOf(int first, int second)
    {
        ulong mixed = ((((ulong)(uint)first) << 32) | (uint)second) * 0x9E3779B97F4A7C15;
        return (int)(mixed >> 40) % Sets * Ways;
    }

    private struct Context
    {
        public int First;
        public int Second;
        public float Total;
        public Followers Followers;
    }

    private struct Follower
    {
        public int Token;
        public float Weight;
    }

    [InlineArray(Length)]
    private struct Followers
    {
        public const int Length = 4;
        private Follower _first;
    }
}
