using System.Diagnostics;
using System.Reflection;
using ILGPU;
using Winnow.Kernels.Rules.Tests.Ptx;
using Winnow.Kernels.Rules.Tests.Rules;
using Winnow.Kernels.Rules.Tests.Samples;

namespace Winnow.Kernels.Rules.Tests;

/// <summary>Holds the rules to what the real compiler does: nothing translated is refused by the rules, and everything that they refuse has its reason.</summary>
public sealed class SampleRulesTests
{
    private static readonly IReadOnlyList<KernelCase> TranslatedKernels = KernelCase.Of(
        [typeof(TranslatedLanguage), typeof(TranslatedArithmetic), typeof(TranslatedMemory), typeof(TranslatedGroups)]);

    private static readonly IReadOnlyDictionary<string, MethodInfo> RefusedMethods = new[] { typeof(RefusedLanguage), typeof(RefusedArithmetic), typeof(RefusedTypes) }
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
        .ToDictionary(method => method.Name);

    /// <summary>Whether this is a debug build, whose IL keeps the integer of a condition, so that the compiler does not go wrong.</summary>
    private static readonly bool IsUnoptimised = typeof(SampleRulesTests).Assembly.GetCustomAttribute<DebuggableAttribute>()?.IsJITOptimizerDisabled == true;

    public static TheoryData<string> Translated => [.. TranslatedKernels.Select(kernel => kernel.Attribute.Name)];

    public static TheoryData<string> Refused => [.. RefusedMethods.Keys];

    [Theory]
    [MemberData(nameof(Translated))]
    public void Rules_OfATranslatedSample_AllowIt(string name)
    {
        KernelCase kernel = TranslatedKernels.Single(candidate => candidate.Attribute.Name == name);
        Assert.Equal([], KernelWalk.Check(name, kernel.Method).Select(violation => violation.ToString()));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Rules_OfARefusedSample_NameItAndWhatToUse(string name)
    {
        MethodInfo method = RefusedMethods[name];
        string advice = method.GetCustomAttribute<RefusedAttribute>()!.Advice;
        IReadOnlyList<Violation> violations = KernelWalk.Check(name, method);
        Assert.Contains(violations, violation => violation.ToString().Contains(advice, StringComparison.Ordinal));
        Assert.All(violations, violation => Assert.StartsWith($"Kernel '{name}', method '", violation.ToString()));
    }

    [PtxFact]
    public void Compiler_OfTranslatedSamples_MakesGoodPtx()
    {
        foreach (string architecture in new[] { "SM_80", "SM_90" })
        {
            using var compiler = new PtxCompiler(architecture);
            foreach (KernelCase kernel in TranslatedKernels)
            {
                Assert.Equal([], new PtxReport(compiler.Compile(kernel.Method)).Findings(kernel.Attribute).Select(finding => $"{kernel}: {finding}"));
            }
        }
    }

    [PtxTheory]
    [MemberData(nameof(Refused))]
    public void Compiler_OfARefusedSample_DoesWhatItsMarkerSays(string name)
    {
        MethodInfo method = RefusedMethods[name];
        using var compiler = new PtxCompiler("SM_80");
        Refusal refusal = method.GetCustomAttribute<RefusedAttribute>()!.Refusal;
        if (refusal == Refusal.Throws)
        {
            Assert.Throws<TargetInvocationException>(() => compiler.Compile(method));
            return;
        }

        string ptx = compiler.Compile(method);
        Assert.True(Shows(refusal, new PtxReport(ptx), ptx), $"'{name}' is marked '{refusal}', which its PTX does not show:{Environment.NewLine}{ptx}");
    }

    /// <summary>What the rules cannot see, because it is right where nothing is negative: a reason to run kernels' PTX (Kernels.Ptx.Tests).</summary>
    [PtxFact]
    public void Compiler_OfADivisionByAPowerOfTwo_ShiftsNegativeNumbersToo()
    {
        using var compiler = new PtxCompiler("SM_80");
        string ptx = compiler.Compile(((Action<ArrayView<int>>)Quarter).Method);
        Assert.Contains("shr.s32", ptx, StringComparison.Ordinal);
        Assert.DoesNotContain("div.s32", ptx, StringComparison.Ordinal);
    }

    private static void Quarter(ArrayView<int> values) => values[0] = values[1] / 4;

    private static bool Shows(Refusal refusal, PtxReport report, string ptx) => refusal switch
    {
        Refusal.Extern => report.HasExtern,
        Refusal.BitFloat => report.HasBitFloats || IsUnoptimised,
        Refusal.WrongSign => ptx.Contains("cvt.rn.f64.s64", StringComparison.Ordinal),
        Refusal.Exchanged => ptx.Contains(", 0f40400000, %f", StringComparison.Ordinal),
        Refusal.Joined => ptx.Split("mul.f32").Length == 2,
        Refusal.Local => report.LocalBytes > 0,
        Refusal.Call => report.HasCalls,
        _ => !report.HasExtern && !report.HasBitFloats && !report.HasCalls && report.LocalBytes == 0,
    };
}
