using System.CommandLine;
using Winnow.Cli.Bench;
using Winnow.Cli.Engine;
using Winnow.Cli.Output;
using Winnow.GpuWorker.Devices;
using Winnow.Inference.Cpu;
using Winnow.Inference.Files;

namespace Winnow.Cli.Commands;

/// <summary>The flags of <c>winnow bench</c> that measure the engine alone, and what they do.</summary>
internal sealed class EngineBenchFlags
{
    private const int MostCount = 1 << 16;
    private const int MostContext = 1 << 20;
    private const double Giga = 1e9;

    private static readonly Dictionary<string, GgmlType> WeightTypes = new GgmlType[]
    {
        GgmlType.Q4_0, GgmlType.Q8_0, GgmlType.Q4_K, GgmlType.Q6_K, GgmlType.F16, GgmlType.BF16, GgmlType.F32,
    }.ToDictionary(type => type.ToString(), StringComparer.OrdinalIgnoreCase);

    private readonly Option<string?> _decode = new("--decode") { Description = "Engine alone: decode so many sequences together, separated by commas." };
    private readonly Option<string?> _prefill = new("--prefill") { Description = "Engine alone: prompts of so many tokens, separated by commas." };
    private readonly Option<string?> _verify = new("--verify") { Description = "Engine alone: blocks of so many rows of one sequence with logits for each, separated by commas." };
    private readonly Option<int?> _depth = CommandOptions.Integer("--depth", "Engine alone: tokens of each sequence before what is decoded or verified. Default 0.", 0, MostContext);
    private readonly Option<int?> _context = CommandOptions.Integer("--context", $"Engine alone: context at which memory is read. Default: {EngineBench.DefaultContext}, or the model's when that is shorter.", 1, MostContext);
    private readonly Option<bool> _fill = new("--fill-context") { Description = "Engine alone: fill that context before memory is read." };
    private readonly Option<bool> _profile = new("--profile") { Description = "Engine alone: where the time of a step goes, by operation." };
    private readonly Option<string?> _shape = new("--shape") { Description = $"Engine alone: random weights of this shape in place of --model, on a device: {string.Join(", ", RandomModelShape.All.Keys)}." };
    private readonly Option<string?> _weights = new("--weights") { Description = $"Engine alone: type of the random weights, {AllowedWeights}. Default: Q4_0." };
    private readonly Option<bool> _roofline = new("--roofline") { Description = "Engine alone: what the machine can do at most, and the fraction reached." };

    private static string AllowedWeights => string.Join(", ", WeightTypes.Keys);

    private IReadOnlyList<Option> All => [_decode, _prefill, _verify, _depth, _context, _fill, _profile, _roofline, _shape, _weights];

    public void AddTo(Command command)
    {
        foreach (Option option in All)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Whether the engine alone is to be measured.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="shared">Flags of the command that mean something for the engine alone too.</param>
    /// <exception cref="CliException">A flag of the engine alone stands beside one that it has no meaning with.</exception>
    public bool IsAskedFor(ParseResult parsed, params Option[] shared)
    {
        Option? asked = All.FirstOrDefault(IsGiven);
        Option? other = parsed.CommandResult.Command.Options.FirstOrDefault(option => IsGiven(option) && !All.Contains(option) && !shared.Contains(option));
        return asked is null || other is null
            ? asked is not null
            : throw new CliException($"{asked.Name} measures the engine alone and does not go with {other.Name}; give one of them.", CliException.BadUsage);

        bool IsGiven(Option option) => parsed.GetResult(option) is { Implicit: false };
    }

    /// <summary>Measures.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="engine">Model, device, threads and KV type.</param>
    /// <param name="tokens">Tokens that each sequence decodes.</param>
    /// <param name="runs">Samples of each figure.</param>
    /// <exception cref="CliException">A list is malformed, or the context too short.</exception>
    public EngineReport Run(ParseResult parsed, EngineOptions engine, int tokens, int runs)
    {
        engine = engine with { Threads = engine.Threads > 0 ? engine.Threads : Environment.ProcessorCount };
        EngineBenchOptions options = Read(parsed, tokens, runs);
        RequireMeaning(parsed, engine, options);
        engine = options.Shape is null ? engine : engine with { ModelPath = parsed.GetValue(_shape)! };
        using var bench = new EngineBench(engine, options, TimeProvider.System);
        IReadOnlyList<EngineResult> results = bench.Run(Console.Error.WriteLine);
        RooflineReport? roofline = !options.Roofline ? null
            : bench.Backend is DeviceBackend device ? new RooflineReport(Math.Round(device.MeasureCopyBandwidth(TimeProvider.System) / Giga, 2), null, new Dictionary<string, double>())
            : Measure(engine.Threads, results);
        return new EngineReport
        {
            Model = bench.Model,
            Device = bench.Backend.Device,
            Threads = engine.Threads,
            KvType = engine.KvType.ToString().ToLowerInvariant(),
            LoadMs = Math.Round(bench.LoadTime.TotalMilliseconds, 1),
            FirstTokenMs = Math.Round(bench.FirstTokenTime.TotalMilliseconds, 1),
            Context = bench.Context,
            ResidentBytes = bench.Memory.Total,
            ResidentAnonymousBytes = bench.Memory.Anonymous,
            Results = roofline is null ? results : [.. results.Select(result => result.Under(roofline))],
            Roofline = roofline,
        };
    }

    private void RequireMeaning(ParseResult parsed, EngineOptions engine, EngineBenchOptions options)
    {
        bool isCpu = engine.Devices.All(device => device.IsCpu);
        if (engine.Devices.Count > 1)
        {
            throw new CliException($"--device names '{engine.Devices.Count}' devices; the engine alone runs on one, give one.", CliException.BadUsage);
        }
        if (options.Profile && !isCpu)
        {
            throw new CliException($"--profile looks at the processor's operations and says nothing of '{engine.Devices[0]}'; leave it out, bench/kernels measures the kernels of a device.", CliException.BadUsage);
        }
        if (options.Shape is not null && isCpu)
        {
            throw new CliException($"--shape '{parsed.GetValue(_shape)}' fills a device, and the processor would read from its cache what no real model has there; give --device, or a file made by bench/make_model.py.", CliException.BadUsage);
        }
        if (options.Shape is null && parsed.GetValue(_weights) is { } weights)
        {
            throw new CliException($"--weights '{weights}' is the type of random weights; give --shape too.", CliException.BadUsage);
        }
    }

    private static RooflineReport Measure(int threads, IReadOnlyList<EngineResult> results)
    {
        Console.Error.WriteLine("measuring the machine");
        var machine = new CpuRoofline(TimeProvider.System, threads);
        GgmlType[] types = [.. results.SelectMany(result => result.Types).Distinct().Order()];
        return new RooflineReport(
            Math.Round(machine.MeasureReadBandwidth() / Giga, 2),
            Math.Round(new CpuRoofline(TimeProvider.System, 1).MeasureReadBandwidth() / Giga, 2),
            types.ToDictionary(type => type.ToString(), type => Math.Round(machine.MeasurePeak(type) / Giga, 1)));
    }

    private EngineBenchOptions Read(ParseResult parsed, int tokens, int runs)
    {
        EngineBenchOptions options = new()
        {
            Decode = ReadCounts(_decode, parsed),
            Prefill = ReadCounts(_prefill, parsed),
            Verify = ReadCounts(_verify, parsed),
            Depth = parsed.GetValue(_depth) ?? 0,
            Tokens = tokens,
            Runs = runs,
            Context = parsed.GetValue(_context),
            FillContext = parsed.GetValue(_fill),
            Shape = ReadShape(parsed.GetValue(_shape)),
            Weights = ReadWeights(parsed.GetValue(_weights)),
            Profile = parsed.GetValue(_profile),
            Roofline = parsed.GetValue(_roofline),
        };
        bool nothing = options.Decode.Count + options.Prefill.Count + options.Verify.Count == 0 && !options.FillContext && parsed.GetValue(_context) is null;
        return nothing ? options with { Decode = [1] } : options;
    }

    private static RandomModelShape? ReadShape(string? name) => name is null ? null
        : RandomModelShape.All.TryGetValue(name, out RandomModelShape? shape) ? shape
        : throw new CliException($"--shape '{name}' is not known; give one of {string.Join(", ", RandomModelShape.All.Keys)}.", CliException.BadUsage);

    private static GgmlType ReadWeights(string? name) => WeightTypes.TryGetValue(name ?? nameof(GgmlType.Q4_0), out GgmlType type) ? type
        : throw new CliException($"--weights '{name}' is not known; give one of {AllowedWeights}.", CliException.BadUsage);

    private static int[] ReadCounts(Option<string?> option, ParseResult parsed)
    {
        int[] counts = CommandOptions.ParseIntegers(option.Name, parsed.GetValue(option) ?? "");
        return Array.TrueForAll(counts, count => count is >= 1 and <= MostCount)
            ? counts
            : throw new CliException($"{option.Name} '{parsed.GetValue(option)}' is not valid; write counts from 1 to {MostCount} separated by commas, such as 4,8,16.", CliException.BadUsage);
    }
}
