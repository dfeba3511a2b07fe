namespace Winnow.Inference.Tokenizers;

/// <summary>Kinds of tokens, with the ids of <c>tokenizer.ggml.token_type</c>.</summary>
public enum TokenType
{
    /// <summary>Ordinary text.</summary>
    Normal = 1,

    /// <summary>Stands for text that has no token.</summary>
    Unknown = 2,

    /// <summary>Structure, such as the end of a turn; never read from plain text.</summary>
    Control = 3,

    /// <summary>Text that is always one token, read from plain text before anything else.</summary>
    UserDefined = 4,

    /// <summary>Reserved; never produced.</summary>
    Unused = 5,

    /// <summary>One byte, named <c>&lt;0xNN&gt;</c>.</summary>
    Byte = 6,
}
