using Winnow.Inference.Cache;

namespace Winnow.Inference.Drafting;

/// <summary>A branch being drafted: the sequence goes on as its trunk does for a while, then with another token.</summary>
internal sealed class DraftFork
{
    private readonly int[] _path;
    private readonly int _root;

    /// <summary>Forks off a trunk.</summary>
    /// <param name="trunk">The trunk.</param>
    /// <param name="accepted">Drafts of the trunk that come first.</param>
    /// <param name="token">The token after them.</param>
    /// <param name="goal">Tokens to draft.</param>
    /// <param name="isMirrored">An early exit brought the outcome up.</param>
    public DraftFork(DraftTrunk trunk, int accepted, int token, int goal, bool isMirrored)
    {
        Trunk = trunk;
        IsMirrored = isMirrored;
        TokenChain chain = trunk.State.Chain;
        _root = trunk.Told + accepted;
        _path = new int[accepted + 1 + goal];
        chain.Tokens.Slice(trunk.Told, accepted).CopyTo(_path);
        _path[accepted] = token;
        PathLength = accepted + 1;
        Hash = PrefixHash.Append(chain.HashAt(_root), token);
        Stored = _root;
    }

    /// <summary>The trunk.</summary>
    public DraftTrunk Trunk { get; }

    /// <summary>An early exit brought the outcome up.</summary>
    public bool IsMirrored { get; }

    /// <summary>Tokens of the sequence before the branch.</summary>
    public int Length => _root + 1;

    /// <summary>Hash over those.</summary>
    public ulong Hash { get; }

    /// <summary>Positions whose keys and values are stored.</summary>
    public int Stored { get; set; }

    /// <summary>Block table: first the trunk's whole blocks, then its own.</summary>
    public List<int> Blocks { get; } = [];

    /// <summary>Blocks of the trunk at the start of <see cref="Blocks"/>.</summary>
    public int SharedBlocks { get; set; }

    /// <summary>Tokens after the committed ones: the trunk's, the forking one, those drafted.</summary>
    public ReadOnlySpan<int> Path => _path.AsSpan(0, PathLength);

    /// <summary>Tokens in <see cref="Path"/>.</summary>
    public int PathLength { get; private set; }

    /// <summary>Tokens drafted.</summary>
    public int Drafted => PathLength - (Length - Trunk.Told);

    /// <summary>Nothing is left to draft.</summary>
    public bool IsFinished => PathLength == _path.Length;

    /// <summary>Adds a drafted token.</summary>
    public void Draft(int token) => _path[PathLength++] = token;

    /// <summary>What to tell of it.</summary>
    public DraftBranch ToBranch() => new()
    {
        Sequence = Trunk.State.Sequence,
        Length = Length,
        PrefixHash = Hash,
        IsMirrored = IsMirrored,
        Tokens = Path[(Length - Trunk.Told)..].ToArray(),
    };
}
