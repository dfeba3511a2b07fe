using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Cli.Tests.Support;

/// <summary>Model files for the tests: the shipped pair, and tiny ones, good and broken, in a folder that goes with this object.</summary>
public sealed class Models : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public Models()
    {
        byte[] good = new TinyLlama().Build().ToBytes();
        Tiny = _folder.Write("tiny.gguf", good);
        NoTemplate = _folder.Write("plain.gguf", new TinyLlama { ChatTemplate = null }.Build().ToBytes());
        RaisingTemplate = _folder.Write("raising.gguf", new TinyLlama { ChatTemplate = "{{ raise_exception('roles must alternate') }}" }.Build().ToBytes());
        BrokenTemplate = _folder.Write("broken.gguf", new TinyLlama { ChatTemplate = "a\n{% for %}" }.Build().ToBytes());
        Truncated = _folder.Write("truncated.gguf", good[..(good.Length / 2)]);
        WrongMagic = _folder.Write("magic.gguf", [.. "GGML"u8, .. good.AsSpan(4)]);
        Empty = _folder.Write("empty.gguf", []);
        NoTokenizer = _folder.Write("bare.gguf", new GgufBuilder().Set("general.architecture", "llama").Tensor("x", [32], new float[32]).ToBytes());
    }

    /// <summary>The shipped target.</summary>
    public static string Target { get; } = Path.Combine(SharedFolder.RepositoryRoot, "models", "winnow-target-q8_0.gguf");

    /// <summary>The shipped draft.</summary>
    public static string Draft { get; } = Path.Combine(SharedFolder.RepositoryRoot, "models", "winnow-draft-q8_0.gguf");

    /// <summary>A model of two layers with 267 tokens and a context of 256.</summary>
    public string Tiny { get; }

    public string NoTemplate { get; }

    public string RaisingTemplate { get; }

    public string BrokenTemplate { get; }

    public string Truncated { get; }

    public string WrongMagic { get; }

    public string Empty { get; }

    public string NoTokenizer { get; }

    /// <summary>A path at which nothing is.</summary>
    public string Missing => _folder.File("missing.gguf");

    /// <summary>Writes a file and answers with its path.</summary>
    public string Write(string name, string text) => _folder.Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a file and answers with its path.</summary>
    public string Write(string name, byte[] bytes) => _folder.Write(name, bytes);

    /// <summary>A bad file by its name in a theory, with what the error must mention.</summary>
    public (string Path, string Mention) Bad(string name) => name switch
    {
        nameof(Truncated) => (Truncated, "truncated.gguf"),
        nameof(WrongMagic) => (WrongMagic, "magic"),
        nameof(Empty) => (Empty, "0 bytes"),
        nameof(Missing) => (Missing, "does not exist"),
        "Folder" => (_folder.Root, _folder.Root),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Not a bad file."),
    };

    public void Dispose() => _folder.Dispose();
}
