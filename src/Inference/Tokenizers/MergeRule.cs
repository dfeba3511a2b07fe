namespace Winnow.Inference.Tokenizers;

/// <summary>One merge rule.</summary>
/// <param name="Left">Symbol on the left.</param>
/// <param name="Right">Symbol on the right.</param>
/// <param name="Symbol">What they become.</param>
/// <param name="Rank">Lower ranks are merged first.</param>
/// <param name="LeftEnd">Symbol of the last character of the left one's spelling.</param>
/// <param name="RightStart">Symbol of the first character of the right one's spelling.</param>
internal readonly record struct MergeRule(int Left, int Right, int Symbol, int Rank, int LeftEnd, int RightStart);
