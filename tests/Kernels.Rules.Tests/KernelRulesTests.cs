using Winnow.GpuWorker.Kernels;
using Winnow.Kernels.Rules.Tests.Ptx;
using Winnow.Kernels.Rules.Tests.Rules;

namespace Winnow.Kernels.Rules.Tests;

/// <summary>The worker's kernels: every method marked [Kernel], by its IL in both builds and by its PTX in the full build.</summary>
public sealed class KernelRulesTests
{
    private static readonly IReadOnlyList<KernelCase> Kernels = KernelCase.Of(typeof(KernelAttribute).Assembly.GetTypes());

    [Fact]
    public void Kernels_AndAllTheyCall_KeepToTheSubset() =>
        AssertNone(Kernels.SelectMany(kernel => KernelWalk.Check(kernel.Attribute.Name, kernel.Method)).Select(violation => violation.ToString()));

    [Fact]
    public void Kernels_HaveNamesOfTheirOwn()
    {
        AssertNone(Kernels.GroupBy(kernel => kernel.Attribute.Name).Where(group => group.Count() > 1).Select(group => $"'{group.Key}' names several kernels."));
        AssertNone(Kernels.Where(kernel => kernel.Attribute.Name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '_'))
            .Select(kernel => $"'{kernel}': names are of small letters, digits and '_'."));
    }

    [PtxTheory]
    [InlineData("SM_80")]
    [InlineData("SM_90")]
    public void Kernels_AsPtx_HaveNothingExternNoSpillsAndWideLoads(string architecture)
    {
        var findings = new List<string>();
        var compiler = new PtxCompiler(architecture);
        try
        {
            foreach (KernelCase kernel in Kernels)
            {
                if (TryCompile(compiler, kernel, architecture, findings) is string ptx)
                {
                    findings.AddRange(new PtxReport(ptx).Findings(kernel.Attribute).Select(finding => $"Kernel '{kernel}' for {architecture}: {finding}."));
                    continue;
                }

                compiler.Dispose();
                compiler = new PtxCompiler(architecture);
            }
        }
        finally
        {
            compiler.Dispose();
        }

        AssertNone(findings);
    }

    private static string? TryCompile(PtxCompiler compiler, KernelCase kernel, string architecture, List<string> findings)
    {
        try
        {
            string ptx = compiler.Compile(kernel.Method);
            if (Environment.GetEnvironmentVariable("WINNOW_PTX") is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
                File.WriteAllText(Path.Combine(folder, $"{kernel.Attribute.Name}.{architecture.ToLowerInvariant()}.ptx"), ptx);
            }

            return ptx;
        }
        catch (System.Reflection.TargetInvocationException refusal)
        {
            findings.Add($"Kernel '{kernel}' for {architecture} is refused: {refusal.GetBaseException().Message}");
            return null;
        }
    }

    private static void AssertNone(IEnumerable<string> findings)
    {
        string text = string.Join(Environment.NewLine, findings);
        Assert.True(text.Length == 0, text);
    }
}
