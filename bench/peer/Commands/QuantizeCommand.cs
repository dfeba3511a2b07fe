using System.CommandLine;
using Winnow.Peer.Native;

namespace Winnow.Peer.Commands;

/// <summary><c>quantize</c>: every matrix of an F32 file in one type, by llama.cpp's own quantiser.</summary>
internal static class QuantizeCommand
{
    // The numbers of enum llama_ftype; "pure" makes every matrix that type.
    private static readonly Dictionary<string, int> FileTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["F16"] = 1,
        ["Q4_0"] = 2,
        ["Q4_1"] = 3,
        ["Q8_0"] = 7,
        ["Q5_0"] = 8,
        ["Q5_1"] = 9,
        ["Q2_K"] = 10,
        ["Q3_K"] = 11,
        ["Q4_K"] = 14,
        ["Q5_K"] = 16,
        ["Q6_K"] = 18,
        ["IQ4_NL"] = 25,
        ["IQ4_XS"] = 30,
        ["BF16"] = 32,
        ["MXFP4"] = 38,
    };

    public static Command Create()
    {
        var library = new LibraryOptions();
        Option<string> output = new("--output") { Description = "File to write.", Required = true };
        Option<string> type = new("--type") { Description = $"One of {string.Join(", ", FileTypes.Keys)}.", Required = true };
        type.AcceptOnlyFromAmong([.. FileTypes.Keys]);
        var command = new Command("quantize", "Writes a file with every matrix in one type.") { output, type };
        library.AddTo(command);
        command.SetAction(parsed => Run(library.Load(parsed), parsed.GetValue(output)!, FileTypes[parsed.GetValue(type)!]));
        return command;
    }

    private static unsafe void Run(string input, string output, int fileType)
    {
        QuantizeParams parameters = LlamaApi.DefaultQuantizeParams();
        parameters.FileType = fileType;
        parameters.Pure = 1;
        parameters.Threads = 1;
        if (LlamaApi.Quantize(input, output, &parameters) != 0)
        {
            throw new PeerException($"llama.cpp does not quantise '{input}'; its reason is above.");
        }
    }
}
