using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Output;

/// <summary>A model's tokeniser, for <c>winnow inspect</c>.</summary>
/// <param name="Vocabulary">Tokens.</param>
/// <param name="Special">Of these, the ones that are not text.</param>
/// <param name="Begin">The token that begins a text.</param>
/// <param name="AddsBegin">Whether encoding adds it.</param>
/// <param name="Ends">Tokens that end a generation.</param>
internal sealed record TokenizerReport(int Vocabulary, int Special, TokenReport? Begin, bool AddsBegin, IReadOnlyList<TokenReport> Ends)
{
    /// <summary>Reports a tokeniser.</summary>
    public static TokenizerReport From(ITokenizer tokenizer) => new(
        tokenizer.VocabularySize,
        Enumerable.Range(0, tokenizer.VocabularySize).Count(tokenizer.IsSpecial),
        tokenizer.BeginToken is int begin ? new TokenReport(begin, tokenizer.TokenText(begin)) : null,
        tokenizer.AddsBeginToken,
        [.. tokenizer.EndTokens.Select(id => new TokenReport(id, tokenizer.TokenText(id)))]);
}

/// <summary>A token.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Text">Its spelling.</param>
internal sealed record TokenReport(int Id, string Text);
