using System.CommandLine;
using Winnow.Cli.Engine;
using Winnow.Fetching;
using Winnow.GpuWorker.Devices;
using Winnow.Inference.Cache;
using Winnow.Inference.Drafting.Exits;
using Winnow.Inference.Files;

namespace Winnow.Cli.Commands;

/// <summary>The flags with which commands name their models and where they run.</summary>
internal sealed class ModelOptions
{
    public Option<string?> Model { get; } = new("--model") { Description = "Target model, a GGUF file or a Hugging Face folder, by path or URL. Default: the shipped target." };

    public Option<string?> Draft { get; } = new("--draft") { Description = "Draft model, a GGUF file or Hugging Face folder, by path or URL; one with another tokeniser is translated." };

    public Option<string[]> Heads { get; } = new("--head") { Description = "GGUF file of a trained head of the target, for the drafter 'eagle3', or of its early exit, for 'kangaroo'; may be given for both." };

    public Option<string?> StopHead { get; } = new("--stop-head") { Description = "GGUF file of a stop head of the draft model, which ends its chains in place of the table." };

    public Option<float?> StopThreshold { get; } = CommandOptions.Number("--stop-threshold", "End a chain of the draft model when the chance that some of it is refused exceeds this, whatever --draft-tokens says. Default 0: by cost.", 0, 1);

    public Option<int?> Shards { get; } = CommandOptions.Integer("--shards", "Cut the target into this many pipeline shards.", 1, 64);

    public Option<int?> Threads { get; } = CommandOptions.Integer("--threads", "Threads per shard and draft model. Default: all cores, shared among the processes.", 1, 1024);

    public Option<string?> KvTypeName { get; } = new("--kv-type") { Description = "Stored form of keys and values: f16, f32, q8_0 or q4_0. Default: f16." };

    public Option<string?> Devices { get; } = new("--device")
    {
        Description = "Devices that the workers take in turn, such as cuda:0,cuda:1, or cuda:0+cuda:1 to share every layer; 'winnow devices' lists them. Default: auto; in this process the processor.",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(Devices);
        command.Options.Add(Model);
        command.Options.Add(Draft);
        command.Options.Add(Heads);
        command.Options.Add(StopHead);
        command.Options.Add(StopThreshold);
        command.Options.Add(Shards);
        command.Options.Add(Threads);
        command.Options.Add(KvTypeName);
    }

    /// <summary>What the flags ask for.</summary>
    /// <exception cref="CliException">A file does not exist, or the KV type is not known.</exception>
    public EngineOptions Read(ParseResult parsed, bool inProcess, int maxSequences) => new()
    {
        ModelPath = Existing("--model", parsed.GetValue(Model)) ?? ShippedModels.Find(ShippedModels.Target),
        DraftPath = Existing("--draft", parsed.GetValue(Draft)),
        HeadPath = HeadOf(parsed, isExit: false),
        ExitPath = HeadOf(parsed, isExit: true),
        StopHeadPath = Existing("--stop-head", parsed.GetValue(StopHead)),
        StopThreshold = parsed.GetValue(StopThreshold),
        Shards = parsed.GetValue(Shards) ?? 1,
        Threads = parsed.GetValue(Threads) ?? 0,
        Devices = ReadDevices("--device", parsed.GetValue(Devices)),
        KvType = ReadKvType(parsed.GetValue(KvTypeName)),
        InProcess = inProcess,
        MaxSequences = maxSequences,
    };

    /// <summary>Checks that a model is there.</summary>
    public static string? Existing(string flag, string? path)
    {
        if (path is null)
        {
            return null;
        }
        if (ModelLocation.IsRemote(path))
        {
            return ModelLocation.ProblemOf(path) is { } problem ? throw new CliException($"{flag} cannot be used: {problem}.", CliException.BadUsage) : ModelLocation.Absolute(path);
        }
        return ModelFile.Exists(path) ? Path.GetFullPath(path) : throw new CliException($"{flag} '{path}' does not exist; give the path or URL of a GGUF file or of a Hugging Face folder.");
    }

    // What a file is for is written in it.
    private string? HeadOf(ParseResult parsed, bool isExit)
    {
        List<string> found = [];
        foreach (string path in (parsed.GetValue(Heads) ?? []).Select(path => Existing("--head", path)!))
        {
            using ModelFile file = CliModels.Open(path);
            if (ExitModel.IsExit(file) == isExit)
            {
                found.Add(path);
            }
        }
        return found.Count < 2 ? found.SingleOrDefault()
            : throw new CliException($"--head is given '{found.Count}' times with {(isExit ? "an early exit" : "a trained head")}; give at most one of each kind.", CliException.BadUsage);
    }

    /// <summary>Devices by their names, separated by commas; none for no text.</summary>
    /// <exception cref="CliException">A name is not known.</exception>
    public static DeviceSelection[] ReadDevices(string flag, string? names) => [.. (names?.Split(',') ?? []).Select(name => DeviceSelection.TryParse(name, out DeviceSelection? devices)
        ? devices
        : throw new CliException($"{flag} '{name}' is not known; give one or several, separated by commas, of {DeviceSelection.Allowed}.", CliException.BadUsage))];

    private static KvType ReadKvType(string? name) => KvTypes.TryParse(name ?? KvTypes.NameOf(KvType.F16), out KvType type)
        ? type
        : throw new CliException($"--kv-type '{name}' is not known; give one of {string.Join(", ", KvTypes.Names)}.", CliException.BadUsage);
}
