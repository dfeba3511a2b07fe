using System.Globalization;
using System.Text.Json;
using Winnow.Inference.Cache;
using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Tests.Cpu;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Graph;

/// <summary>How far the engine, fed along an oracle's ids, gives what the oracle has.</summary>
internal sealed record OracleAgreement
{
    // Sums in another order move logits of this size (about 30) by less; a rounded activation that fell to the other side moves them by more.
    private const double Near = 1e-3;

    /// <summary>Type of the matrices.</summary>
    public required GgmlType Type { get; init; }

    /// <summary>Steps of all prompts.</summary>
    public required int Steps { get; init; }

    /// <summary>The steps whose best id is another, with the distance of the oracle's two best logits there.</summary>
    public required IReadOnlyList<(int Prompt, int Step, double Gap)> Differences { get; init; }

    /// <summary>Steps at which the oracle's five best logits differ by at most 0.001.</summary>
    public required int NearSteps { get; init; }

    /// <summary>Largest difference of a logit among the oracle's five best.</summary>
    public required double LogitError { get; init; }

    /// <summary>Largest difference of a probability among the five best of the first steps.</summary>
    public required double ProbabilityError { get; init; }

    /// <summary>Runs a model along its oracle.</summary>
    public static OracleAgreement Measure(string modelPath)
    {
        using JsonDocument oracle = JsonDocument.Parse(File.ReadAllText(Path.ChangeExtension(modelPath, ".json")));
        using ModelFile file = ModelFile.Open(modelPath);
        int context = ModelConfigurationReader.Read(file).ContextTokens;
        using IShard shard = new CpuBackend().LoadShard(file, new ShardOptions { KvBlockCount = (context / 16) + 1, KvType = KvType.F32 });
        ShardDriver driver = new(shard);
        List<(int, int, double)> differences = [];
        (int steps, int nearSteps, double logitError, double probabilityError) = (0, 0, 0, 0);
        JsonElement[] prompts = [.. oracle.RootElement.GetProperty("prompts").EnumerateArray()];
        for (int prompt = 0; prompt < prompts.Length; prompt++)
        {
            int[] ids = prompts[prompt].GetProperty("ids").Deserialize<int[]>()!;
            int[] best = prompts[prompt].GetProperty("greedy").Deserialize<int[]>()!;
            double[][][] top = prompts[prompt].GetProperty("top5_logits").Deserialize<double[][][]>()!;
            float[] logits = driver.LastLogits(ids, 0);
            probabilityError = Math.Max(probabilityError, WorstProbability(logits, prompts[prompt].GetProperty("first_top5_probs").Deserialize<double[][]>()!));
            for (int step = 0; step < best.Length; step++)
            {
                double error = top[step].Max(pair => Math.Abs(logits[(int)pair[0]] - pair[1]));
                logitError = Math.Max(logitError, error);
                nearSteps += error <= Near ? 1 : 0;
                if (Array.IndexOf(logits, logits.Max()) != best[step])
                {
                    differences.Add((prompt, step, top[step][0][1] - top[step][1][1]));
                }
                logits = driver.LastLogits([best[step]], ids.Length + step);
            }
            steps += best.Length;
        }
        return new OracleAgreement
        {
            Type = file.GetTensor("token_embd.weight").Type,
            Steps = steps,
            Differences = differences,
            NearSteps = nearSteps,
            LogitError = logitError,
            ProbabilityError = probabilityError,
        };
    }

    /// <summary>A row of the table in docs/models.md.</summary>
    public string ToRow(string name) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {Steps - Differences.Count} of {Steps} | {NearSteps} | {LogitError:0.0e+0} | {ProbabilityError:0.0e+0} |");

    private static double WorstProbability(float[] logits, double[][] expected)
    {
        double largest = logits.Max();
        double sum = logits.Sum(logit => Math.Exp(logit - largest));
        return expected.Max(pair => Math.Abs((Math.Exp(logits[(int)pair[0]] - largest) / sum) - pair[1]));
    }
}
