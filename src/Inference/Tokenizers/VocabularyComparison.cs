namespace Winnow.Inference.Tokenizers;

/// <summary>How the tokens of two models differ: what decides whether one can draft for the other.</summary>
public sealed record VocabularyComparison
{
    /// <summary>Differences that are listed; the others are only counted.</summary>
    public const int MaxListed = 10;

    /// <summary>Tokens of the target.</summary>
    public required int TargetTokens { get; init; }

    /// <summary>Tokens of the draft.</summary>
    public required int DraftTokens { get; init; }

    /// <summary>Ids that both have and that are spelled differently, or are a special token in one of them only.</summary>
    public required int DifferingTokens { get; init; }

    /// <summary>The first of them.</summary>
    public required IReadOnlyList<TokenDifference> FirstDifferences { get; init; }

    /// <summary>Special roles (begin, end, ends) that are of different ids.</summary>
    public required IReadOnlyList<RoleDifference> Roles { get; init; }

    /// <summary>Every id means the same to both.</summary>
    public bool IsSame => TargetTokens == DraftTokens && DifferingTokens == 0 && Roles.Count == 0;

    /// <summary>Compares.</summary>
    /// <param name="target">Tokeniser of the target.</param>
    /// <param name="draft">Tokeniser of the draft.</param>
    public static VocabularyComparison Of(ITokenizer target, ITokenizer draft)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(draft);
        List<TokenDifference> listed = [];
        int differing = 0;
        for (int id = 0; id < Math.Min(target.VocabularySize, draft.VocabularySize); id++)
        {
            if (target.TokenText(id) == draft.TokenText(id) && target.IsSpecial(id) == draft.IsSpecial(id))
            {
                continue;
            }
            if (differing++ < MaxListed)
            {
                listed.Add(new TokenDifference(id, target.TokenText(id), draft.TokenText(id)));
            }
        }
        return new VocabularyComparison
        {
            TargetTokens = target.VocabularySize,
            DraftTokens = draft.VocabularySize,
            DifferingTokens = differing,
            FirstDifferences = listed,
            Roles = [.. DifferingRoles(target, draft)],
        };
    }

    private static IEnumerable<RoleDifference> DifferingRoles(ITokenizer target, ITokenizer draft)
    {
        (string Role, int[] Target, int[] Draft)[] roles =
        [
            ("begin", Ids(target.BeginToken), Ids(draft.BeginToken)),
            ("end", Ids(target.EndToken), Ids(draft.EndToken)),
            ("ends", [.. target.EndTokens], [.. draft.EndTokens]),
        ];
        return roles.Where(role => !role.Target.SequenceEqual(role.Draft)).Select(role => new RoleDifference(role.Role, role.Target, role.Draft));
    }

    private static int[] Ids(int? id) => id is int known ? [known] : [];
}

/// <summary>A token id that means two things.</summary>
/// <param name="Id">The id.</param>
/// <param name="Target">The target's spelling.</param>
/// <param name="Draft">The draft's spelling.</param>
public sealed record TokenDifference(int Id, string Target, string Draft);

/// <summary>A special role with different ids.</summary>
/// <param name="Role"><c>begin</c>, <c>end</c>, or <c>ends</c> for all tokens that end a generation.</param>
/// <param name="Target">The target's ids.</param>
/// <param name="Draft">The draft's ids.</param>
public sealed record RoleDifference(string Role, IReadOnlyList<int> Target, IReadOnlyList<int> Draft);
