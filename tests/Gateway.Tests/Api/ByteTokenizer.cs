using System.Text;
using Winnow.Inference.Tokenizers;

namespace Winnow.Gateway.Tests.Api;

/// <summary>A tokeniser whose ids 0 to 255 are bytes and 256 is the end token.</summary>
internal sealed class ByteTokenizer : ITokenizer
{
    public const int End = 256;

    private static readonly byte[][] Bytes = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }), "<end>"u8.ToArray()];

    public int VocabularySize => 257;

    public int? BeginToken => null;

    public int? EndToken => End;

    public IReadOnlyList<int> EndTokens { get; } = [End];

    public bool AddsBeginToken => false;

    public int[] Encode(ReadOnlySpan<char> text, bool addSpecial, bool parseSpecial) => [.. Encoding.UTF8.GetBytes(text.ToString()).Select(value => (int)value)];

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial)
        => Encoding.UTF8.GetString([.. ids.ToArray().Where(id => !skipSpecial || id != End).SelectMany(id => Bytes[id])]);

    public string TokenText(int id) => Encoding.UTF8.GetString(Bytes[id]);

    public ReadOnlySpan<byte> TokenBytes(int id) => Bytes[id];

    public bool IsSpecial(int id) => id == End;
}
