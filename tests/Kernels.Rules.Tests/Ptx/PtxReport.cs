using System.Globalization;
using System.Text.RegularExpressions;
using Winnow.GpuWorker.Kernels;

namespace Winnow.Kernels.Rules.Tests.Ptx;

/// <summary>What a kernel's PTX says of it.</summary>
internal sealed partial class PtxReport(string ptx)
{
    private const int MaxSharedBytes = 48 << 10;

    /// <summary>Functions that nothing defines; the device refuses such a module.</summary>
    public bool HasExtern => ptx.Contains(".extern .func", StringComparison.Ordinal);

    /// <summary>Whether something was not inlined.</summary>
    public bool HasCalls => CallPattern().IsMatch(ptx);

    /// <summary>Whether global memory is read by instructions of 16 bytes.</summary>
    public bool HasWideLoads => WideLoadPattern().IsMatch(ptx);

    /// <summary>Whether a condition was made a float by its bits.</summary>
    public bool HasBitFloats => BitFloatPattern().IsMatch(ptx);

    /// <summary>Whether matrices are multiplied on tensor cores.</summary>
    public bool HasTensorCores => ptx.Contains("mma.sync.", StringComparison.Ordinal);

    /// <summary>Whether shared memory is taken by the address of the first array though there are several.</summary>
    public bool HasLostArrays => SharedAddressPattern().IsMatch(ptx) && SharedPattern().Count(ptx) > 1;

    /// <summary>Whether operands of inline PTX stay in local memory: NVIDIA's assembler leaves them there in a function with an asynchronous copy.</summary>
    public bool HasCopiesBesideOperands => ptx.Contains("cp.async", StringComparison.Ordinal) && LocalPattern().IsMatch(ptx);

    /// <summary>Bytes of static shared memory.</summary>
    public int SharedBytes => SharedPattern().Matches(ptx).Sum(Bytes);

    /// <summary>Bytes of local memory that are indexed at run time. What is only read and written whole the driver's compiler keeps in registers.</summary>
    public int LocalBytes => LocalPattern().Matches(ptx).Where(IsIndexed).Sum(Bytes);

    /// <summary>What is wrong with the PTX, given what the kernel's marker asks for.</summary>
    public IEnumerable<string> Findings(KernelAttribute kernel)
    {
        if (HasExtern)
        {
            yield return "a function is left extern";
        }

        if (HasCalls)
        {
            yield return "a method is not inlined";
        }

        if (HasBitFloats)
        {
            yield return "a condition is made a float by its bits; write 'condition ? 1f : 0f'";
        }

        if (SharedBytes > MaxSharedBytes)
        {
            yield return $"it takes '{SharedBytes}' bytes of shared memory, and a group has '{MaxSharedBytes}'";
        }

        if (LocalBytes > kernel.LocalBytes)
        {
            yield return $"it indexes '{LocalBytes}' bytes of local memory, and its [Kernel] allows '{kernel.LocalBytes}'";
        }

        if (HasLostArrays)
        {
            yield return "inline PTX takes the address of the only shared array, and there are several; allocate once and cut";
        }

        if (HasCopiesBesideOperands)
        {
            yield return "cp.async keeps the operands of inline PTX in local memory; load into registers one stage ahead";
        }

        if (kernel.TensorCores && !HasTensorCores)
        {
            yield return "no 'mma.sync', which its [Kernel] asks for";
        }

        if (kernel.WideLoads && !HasWideLoads)
        {
            yield return "no load of 16 bytes; load a whole struct of four words from an aligned view";
        }
    }

    private static int Bytes(Match match) => int.Parse(match.Groups["bytes"].ValueSpan, CultureInfo.InvariantCulture);

    /// <summary>Follows the register that holds a depot's address until it is given another value: an index is any use but a load or store at a fixed place.</summary>
    private bool IsIndexed(Match depot)
    {
        Match address = Regex.Match(ptx, $@"mov\.b64\s+(%rd\d+), {depot.Groups["name"].Value};");
        if (!address.Success)
        {
            return false;
        }

        string register = Regex.Escape(address.Groups[1].Value);
        string rest = ptx[(address.Index + address.Length)..];
        foreach (Match use in Regex.Matches(rest, $@"^.*{register}\b.*$", RegexOptions.Multiline))
        {
            if (!Regex.IsMatch(use.Value, $@"(ld|st)\.local\.\S+\s.*\[{register}(\+\d+)?\]"))
            {
                return !Regex.IsMatch(use.Value, $@"^\s*\S+\s+{register},(?!.*{register})");
            }
        }

        return false;
    }

    [GeneratedRegex(@"^\s*call\b|\scall\.uni", RegexOptions.Multiline)]
    private static partial Regex CallPattern();

    [GeneratedRegex(@"ld\.global(\.nc)?\.(v4\.[bfus]32|v2\.[bfus]64)")]
    private static partial Regex WideLoadPattern();

    [GeneratedRegex(@"selp\.\S+\s+%f\d+, 0f00000001,")]
    private static partial Regex BitFloatPattern();

    [GeneratedRegex(@"mov\.u32\s+%r\d+, __shared_alloca0;")]
    private static partial Regex SharedAddressPattern();

    [GeneratedRegex(@"^\s*\.shared .*\[(?<bytes>\d+)\];", RegexOptions.Multiline)]
    private static partial Regex SharedPattern();

    [GeneratedRegex(@"\.local .*\s(?<name>__local_depot\d+)\[(?<bytes>\d+)\];")]
    private static partial Regex LocalPattern();
}
