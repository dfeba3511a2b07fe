using Winnow.Inference.Files;
using Winnow.Tests.Common;
using Xunit.Abstractions;

namespace Winnow.Inference.Tests.Graph;

/// <summary>Continuations that llama.cpp gives for tiny random models: <c>tools/oracles</c> made those of the repository, the shared folder has more.</summary>
public sealed class OracleTests(ITestOutputHelper output)
{
    // Rounding in another order may exchange two best logits of F32 and F16 files that are this near.
    private const double ExactTie = 0.005;

    // llama.cpp rounds activations to 8 bits; on random weights the two best logits are often nearer than what that moves.
    private const double RoundedTie = 0.8;
    private const double EqualShare = 0.97;

    // llama.cpp also rounds activations to F16 before it multiplies them with F16 weights; Winnow does not.
    private const double ExactProbability = 1e-3;
    private const double HalfProbability = 5e-3;
    private const double RoundedProbability = 5e-2;

    private static readonly string Folder = Path.Combine(SharedFolder.RepositoryRoot, "tests", "Inference.Tests", "Oracles");

    public static TheoryData<string> InRepository => Names(Folder);

    public static TheoryData<string> Shared => SharedFolder.Root is null ? [] : Names(SharedFolder.File("oracles"));

    [Theory]
    [MemberData(nameof(InRepository))]
    public void Forward_AlongRepositoryOracle_Agrees(string name) => Check(Path.Combine(Folder, name + ".gguf"));

    [SharedTheory("oracles")]
    [MemberData(nameof(Shared))]
    public void Forward_AlongSharedOracle_Agrees(string name) => Check(Path.Combine(SharedFolder.File("oracles"), name + ".gguf"));

    private static TheoryData<string> Names(string folder) => [.. Directory.GetFiles(folder, "*.gguf")
        .Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];

    private void Check(string modelPath)
    {
        OracleAgreement sut = OracleAgreement.Measure(modelPath);
        output.WriteLine(sut.ToRow(Path.GetFileNameWithoutExtension(modelPath)));
        string differences = string.Join(", ", sut.Differences.Select(found => $"prompt {found.Prompt} step {found.Step} (gap {found.Gap:0.000})"));
        string text = $"{sut.ToRow(modelPath)} differs at: {differences}";

        (double tie, double probability) = sut.Type switch
        {
            GgmlType.F32 => (ExactTie, ExactProbability),
            GgmlType.F16 => (ExactTie, HalfProbability),
            _ => (RoundedTie, RoundedProbability),
        };
        Assert.True(sut.Differences.All(found => found.Gap <= tie), text);
        Assert.True(sut.Steps - sut.Differences.Count >= EqualShare * sut.Steps, text);
        Assert.True(sut.ProbabilityError <= probability, text);
    }
}
