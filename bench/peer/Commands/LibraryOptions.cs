using System.CommandLine;
using Winnow.Peer.Native;

namespace Winnow.Peer.Commands;

/// <summary>The flags that every command has: where the library is, which CPU variant, which model.</summary>
internal sealed class LibraryOptions
{
    private const string Variable = "WINNOW_PEER_LIBRARY";
    private static readonly string Installed = Path.Combine("node_modules", "@node-llama-cpp", "linux-x64", "bins", "linux-x64");

    private readonly Option<string?> _library = new("--library") { Description = $"Folder of libllama. Default: ${Variable}, else bench/peer/{Installed}." };
    private readonly Option<string?> _variant = new("--variant") { Description = "CPU variant, such as haswell. Default: the best that this machine runs." };
    private readonly Option<string> _model = new("--model") { Description = "A GGUF file.", Required = true };

    /// <summary>Adds the flags.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_library);
        command.Options.Add(_variant);
        command.Options.Add(_model);
    }

    /// <summary>Loads the library and gives the model's path.</summary>
    /// <exception cref="PeerException">The library is not there or of another release, or the file does not exist.</exception>
    public string Load(ParseResult parsed)
    {
        LlamaLibrary.Load(Path.GetFullPath(parsed.GetValue(_library) ?? Environment.GetEnvironmentVariable(Variable) ?? FindInstalled()), parsed.GetValue(_variant));
        string model = parsed.GetValue(_model)!;
        return File.Exists(model) ? Path.GetFullPath(model) : throw new PeerException($"--model '{model}' does not exist; give the path of a GGUF file.");
    }

    /// <summary>The CPU variant asked for, for reports.</summary>
    public string Variant(ParseResult parsed) => parsed.GetValue(_variant) ?? "best";

    // The program runs from artifacts/, somewhere below the repository's root.
    private static string FindInstalled()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "bench", "peer", Installed);
            if (Directory.Exists(path))
            {
                return path;
            }
        }
        throw new PeerException($"llama.cpp is not installed; run npm install in bench/peer, or give its folder with --library or {Variable}.");
    }
}
