using System.Globalization;
using Winnow.Tests.Common;
using Xunit.Abstractions;

namespace Winnow.Inference.Tests.Fuzz;

/// <summary>
/// Damaged model files of every kind: each is used or refused, in bounds of time and memory. 2,000 cases in all, 100,000 with
/// WINNOW_LONG_TESTS=1. A failure names its case; WINNOW_FUZZ_CASE=KIND:NUMBER runs it alone.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Kinds = 5;
    private const int ShortCases = 2_000;
    private const int LongCases = 100_000;

    [Fact]
    public void Gguf_Damaged_IsUsedOrRefused()
    {
        GgufCases cases = new();
        Run("gguf", (random, folder) => FuzzRun.Model(cases.WriteFile(random, folder)));
    }

    [Fact]
    public void SplitSet_Damaged_IsUsedOrRefused()
    {
        GgufCases cases = new();
        Run("split", (random, folder) => FuzzRun.Open(cases.WriteSet(random, folder)));
    }

    [Fact]
    public void Folder_Damaged_IsUsedOrRefused()
    {
        using FolderCases cases = new();
        Run("folder", (random, folder) => FuzzRun.Model(cases.WriteWeights(random, folder)));
    }

    [Fact]
    public void Tokenizer_Damaged_IsUsedOrRefused()
    {
        using FolderCases cases = new();
        Run("tokenizer", (random, folder) => FuzzRun.Tokenizer(cases.WriteTokenizer(random, folder)));
    }

    [Fact]
    public void Template_Damaged_IsUsedOrRefused()
    {
        TemplateCases cases = new();
        Run("template", (random, _) => FuzzRun.Template(cases.Make(random)));
    }

    private void Run(string kind, Func<Random, TemporaryFolder, FuzzOutcome> run)
    {
        string? alone = Environment.GetEnvironmentVariable("WINNOW_FUZZ_CASE");
        if (alone is not null)
        {
            if (alone.StartsWith(kind + ":", StringComparison.Ordinal))
            {
                using TemporaryFolder folder = new();
                output.WriteLine($"{alone}: {run(Source(kind, int.Parse(alone.AsSpan(kind.Length + 1), CultureInfo.InvariantCulture)), folder)}");
            }
            return;
        }
        int count = (Environment.GetEnvironmentVariable("WINNOW_LONG_TESTS") == "1" ? LongCases : ShortCases) / Kinds;
        int[] outcomes = new int[2];
        for (int number = 0; number < count; number++)
        {
            outcomes[(int)RunCase(kind, number, run)]++;
        }
        output.WriteLine($"{kind}: {count} cases, {outcomes[0]} used, {outcomes[1]} refused");
        // Damage that is always fatal, or never, would test nothing.
        Assert.All(outcomes, outcome => Assert.InRange(outcome, count / 50, count));
    }

    private static FuzzOutcome RunCase(string kind, int number, Func<Random, TemporaryFolder, FuzzOutcome> run)
    {
        using TemporaryFolder folder = new();
        try
        {
            return run(Source(kind, number), folder);
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"Case {kind}:{number} failed (WINNOW_FUZZ_CASE={kind}:{number} runs it alone): {error.GetType().Name}: {error.Message}", error);
        }
    }

    private static Random Source(string kind, int number) => new((kind[0] * 1_000_003) + number);
}
