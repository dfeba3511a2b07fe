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

    /// <summary>Most successors of a context that are kept.</summary>
    public const int MostSuccessors = Followers.Length;

    /// <summary>The successors and their shares of the counts, the likeliest first; on a tie the smaller id.</summary>
    /// <param name="first">First token of the context, or <see cref="Any"/>.</param>
    /// <param name="second">Second token.</param>
    /// <param name="successors">Gets them; room for <see cref="MostSuccessors"/>.</param>
    /// <returns>How many there are; 0 when the context is not known.</returns>
    public int Rank(int first, int second, Span<(int Token, float Share)> successors)
    {
        int index = Find(first, second);
        int count = 0;
        for (int i = 0; index >= 0 && i < Followers.Length; i++)
        {
            Follower follower = _contexts[index].Followers[i];
            float share = follower.Weight / _contexts[index].Total;
            if (share > 0)
            {
                int place = count++;
                for (; place > 0 && (share > successors[place - 1].Share || (share == successors[place - 1].Share && follower.Token < successors[place - 1].Token)); place--)
                {
                    successors[place] = successors[place - 1];
                }
                successors[place] = (follower.Token, share);
            }
        }
        return count;
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
