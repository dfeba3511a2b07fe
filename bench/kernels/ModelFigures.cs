using Winnow.Cli.Bench;
using Winnow.Cli.Engine;
using Winnow.Cli.Output;
using Winnow.GpuWorker.Devices;
using Winnow.Inference.Files;

namespace Winnow.KernelBench;

/// <summary>Whole models of random weights, through the engine and its sampling, as <c>winnow bench --shape</c> measures them.</summary>
internal sealed class ModelFigures(DeviceChoice device, BenchSizes sizes, Ceilings ceilings, TimeProvider time)
{
    private const double DecodeGoal = 0.7;
    private const double BatchGoal = 16;

    /// <summary>Measures everything.</summary>
    /// <param name="progress">Told what is measured.</param>
    public IEnumerable<Figure> Run(Action<string> progress)
    {
        RandomModelShape shape = RandomModelShape.All[sizes.Shape];
        foreach (GgmlType type in (GgmlType[])[GgmlType.Q4_0, GgmlType.Q8_0, GgmlType.F16])
        {
            EngineOptions engine = new() { ModelPath = sizes.Shape, Devices = [new DeviceSelection(device)], Threads = Environment.ProcessorCount };
            EngineBenchOptions options = new()
            {
                Decode = [1, sizes.ModelBatch],
                Prefill = [sizes.ModelPrompt],
                Depth = 0,
                Tokens = sizes.ModelTokens,
                Runs = sizes.ModelRuns,
                Roofline = true,
                Shape = shape,
                Weights = type,
            };
            using EngineBench bench = new(engine, options, time);
            IReadOnlyList<EngineResult> results = bench.Run(work => progress($"{sizes.Shape} {type}, {work}"));
            bool judged = type is GgmlType.Q4_0 or GgmlType.Q8_0;
            EngineResult one = results[0];
            EngineResult batch = results[1];
            yield return Speed($"{sizes.Shape}, decode, batch 1", type, one, steps: sizes.ModelTokens) with
            {
                Of = "copy",
                Share = one.GbPerSecond / ceilings.CopyGbPerSecond,
                Goal = judged ? DecodeGoal : null,
            };
            yield return Speed($"{sizes.Shape}, decode, batch {sizes.ModelBatch}", type, batch, steps: sizes.ModelTokens) with
            {
                Of = "one",
                Share = batch.OverOne,
                Goal = BatchGoal,
            };
            yield return Speed($"{sizes.Shape}, prefill, {sizes.ModelPrompt} tokens", type, results[2], steps: 1);
        }
    }

    private static Figure Speed(string what, GgmlType type, EngineResult result, int steps)
    {
        double tokens = result.TokensPerSecond * result.StepMs * steps / 1000;
        return new Figure
        {
            What = what,
            Form = type.ToString(),
            Micros = result.StepMs * 1000,
            LeastMicros = tokens / result.Samples.Max() / steps * 1e6,
            MostMicros = tokens / result.Samples.Min() / steps * 1e6,
            Value = result.TokensPerSecond,
            Unit = "tokens/s",
        };
    }
}
