namespace Winnow.Inference.Tokenizers;

/// <summary>What a special token does to the white space beside it when it is read from text.</summary>
[Flags]
internal enum TokenStrip
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It takes what is on its left.</summary>
    Left = 1,

    /// <summary>It takes what is on its right.</summary>
    Right = 2,

    /// <summary>It takes all of Unicode's white space, not only ASCII's.</summary>
    AnyWhiteSpace = 4,
}
