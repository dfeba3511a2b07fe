using System.CommandLine;
using Winnow.Cli.Engine;
using Winnow.Inference.Files;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Commands;

/// <summary>The flag with which commands name a model of which they need the file's header and no weights.</summary>
internal sealed class TokenizerOptions
{
    private readonly Option<string?> _model = new("--model") { Description = "Model, a GGUF file or a Hugging Face folder. Default: the shipped target." };

    public void AddTo(Command command) => command.Options.Add(_model);

    /// <summary>Opens the model file.</summary>
    /// <exception cref="CliException">It does not exist.</exception>
    /// <exception cref="ModelFileException">It cannot be used.</exception>
    public ModelFile OpenFile(ParseResult parsed)
        => CliModels.Open(ModelOptions.Existing("--model", parsed.GetValue(_model)) ?? ShippedModels.Find(ShippedModels.Target));

    /// <summary>The tokeniser of the model file.</summary>
    /// <inheritdoc cref="OpenFile"/>
    public ITokenizer OpenTokenizer(ParseResult parsed)
    {
        using ModelFile file = OpenFile(parsed);
        return TokenizerFactory.FromFile(file);
    }
}
