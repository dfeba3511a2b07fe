using System.Text;
using Winnow.Peer.Native;

namespace Winnow.Peer;

/// <summary>A model that llama.cpp has loaded.</summary>
internal sealed unsafe class PeerModel : IDisposable
{
    private nint _model;
    private readonly nint _vocabulary;

    /// <summary>Loads a file.</summary>
    /// <param name="path">A GGUF file.</param>
    /// <param name="repack">Whether weights may be copied into an order that the CPU likes better, llama.cpp's default.</param>
    /// <param name="vocabularyOnly">Read the tokeniser and no weights.</param>
    /// <exception cref="PeerException">llama.cpp refused the file.</exception>
    public PeerModel(string path, bool repack = true, bool vocabularyOnly = false)
    {
        ModelParams parameters = LlamaApi.DefaultModelParams();
        parameters.UseExtraBufferTypes = (byte)(repack ? 1 : 0);
        parameters.VocabularyOnly = (byte)(vocabularyOnly ? 1 : 0);
        _model = LlamaApi.LoadModel(path, parameters);
        if (_model == 0)
        {
            throw new PeerException($"llama.cpp does not load '{path}'; its reason is above.");
        }
        _vocabulary = LlamaApi.GetVocabulary(_model);
    }

    /// <summary>The handle for <see cref="PeerContext"/>.</summary>
    public nint Handle => _model;

    /// <summary>Tokens in the vocabulary.</summary>
    public int VocabularySize => LlamaApi.CountTokens(_vocabulary);

    /// <summary>Token ids of a text.</summary>
    public int[] Tokenize(string text, bool addSpecial, bool parseSpecial)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int[] tokens = new int[bytes.Length + 16];
        fixed (byte* source = bytes.Length == 0 ? new byte[1] : bytes)
        fixed (int* target = tokens)
        {
            int count = LlamaApi.Tokenize(_vocabulary, source, bytes.Length, target, tokens.Length, addSpecial, parseSpecial);
            return count >= 0 ? tokens[..count] : throw new PeerException($"llama.cpp needs '{-count}' tokens for a text of {bytes.Length} bytes.");
        }
    }

    /// <summary>Text of token ids, special tokens by their names; bytes that are not UTF-8 become U+FFFD.</summary>
    public string Detokenize(ReadOnlySpan<int> tokens)
    {
        byte[] text = new byte[(tokens.Length * 64) + 1024];
        fixed (int* source = tokens)
        fixed (byte* target = text)
        {
            int length = LlamaApi.Detokenize(_vocabulary, source, tokens.Length, target, text.Length, removeSpecial: false, showSpecial: true);
            return length >= 0 ? Encoding.UTF8.GetString(text, 0, length) : throw new PeerException($"The text of {tokens.Length} tokens has '{-length}' bytes, more than {text.Length}.");
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_model != 0)
        {
            LlamaApi.FreeModel(_model);
            _model = 0;
        }
    }
}
