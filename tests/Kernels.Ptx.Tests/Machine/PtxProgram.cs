using System.Globalization;
using System.Text.RegularExpressions;

namespace Winnow.Kernels.Ptx.Tests.Machine;

/// <summary>A kernel's PTX as ILGPU writes it: one entry, nothing called, one instruction a line.</summary>
internal sealed partial class PtxProgram
{
    private readonly List<string> _lines = [];
    private readonly Dictionary<string, int> _labels = [];
    private readonly Dictionary<string, string[]> _tables = [];
    private readonly Dictionary<string, int> _registers = [];
    private readonly Dictionary<string, long> _addresses = [];
    private readonly List<string> _parameters = [];

    /// <summary>Reads the text of a module.</summary>
    /// <exception cref="NotSupportedException">It has an instruction that the machine does not know.</exception>
    public PtxProgram(string ptx)
    {
        foreach (string line in ptx.Split('\n').Select(line => line.Split("//")[0].Trim()))
        {
            Read(line);
        }

        foreach ((string name, _) in _addresses.Where(address => address.Key.StartsWith("__dyn", StringComparison.Ordinal)).ToArray())
        {
            SharedBytes = Align(SharedBytes, 16);
            _addresses[name] = PtxMemory.SharedStart + SharedBytes;
        }

        var compiler = new PtxStepCompiler(this);
        Steps = [.. _lines.Select(compiler.Compile)];
    }

    public PtxStep[] Steps { get; }

    /// <summary>Registers of a thread.</summary>
    public int Registers => _registers.Count;

    /// <summary>Bytes of static shared memory; the dynamic part follows.</summary>
    public int SharedBytes { get; private set; }

    /// <summary>Bytes of local memory of a thread.</summary>
    public int LocalBytes { get; private set; }

    /// <summary>An instruction's text.</summary>
    public string Text(int step) => _lines[step];

    /// <summary>Where a label's instruction is.</summary>
    public int Label(string name) => _labels[name];

    /// <summary>The labels of a branch table.</summary>
    public string[] Table(string name) => _tables[name];

    /// <summary>A register's place.</summary>
    public int Register(string name)
    {
        if (!_registers.TryGetValue(name, out int place))
        {
            place = _registers.Count;
            _registers.Add(name, place);
        }

        return place;
    }

    /// <summary>The address of a shared or local array; null where the name is none.</summary>
    public long? Address(string name) => _addresses.TryGetValue(name, out long address) ? address : null;

    /// <summary>A parameter's number.</summary>
    public int Parameter(string name) => _parameters.IndexOf(name);

    private void Read(string line)
    {
        if (ArrayPattern().Match(line) is { Success: true } array)
        {
            int bytes = array.Groups["bytes"].Length == 0 ? 0 : int.Parse(array.Groups["bytes"].ValueSpan, CultureInfo.InvariantCulture);
            Place(array.Groups["space"].Value, array.Groups["name"].Value, int.Parse(array.Groups["align"].ValueSpan, CultureInfo.InvariantCulture), bytes);
        }
        else if (line.StartsWith(".param", StringComparison.Ordinal))
        {
            _parameters.Add(ParameterPattern().Match(line).Value);
        }
        else if (line.StartsWith(".branchtargets", StringComparison.Ordinal))
        {
            string[] targets = line[".branchtargets".Length..].TrimEnd(';').Split(',', StringSplitOptions.TrimEntries);
            _tables[_labels.Last(label => label.Value == _lines.Count).Key] = targets;
        }
        else if (line.EndsWith(':'))
        {
            _labels[line[..^1]] = _lines.Count;
        }
        else if (line.EndsWith(';') && !line.StartsWith('.'))
        {
            _lines.Add(line[..^1]);
        }
    }

    private void Place(string space, string name, int alignment, int bytes)
    {
        if (space == "shared")
        {
            SharedBytes = Align(SharedBytes, alignment);
            _addresses[name] = PtxMemory.SharedStart + SharedBytes;
            SharedBytes += bytes;
        }
        else
        {
            LocalBytes = Align(LocalBytes, alignment);
            _addresses[name] = PtxMemory.LocalStart + LocalBytes;
            LocalBytes = Align(LocalBytes + bytes, 16);
        }
    }

    private static int Align(int offset, int alignment) => (offset + alignment - 1) / alignment * alignment;

    [GeneratedRegex(@"\.(?<space>shared|local) \.align (?<align>\d+) \.b8 (?<name>\S+)\[(?<bytes>\d*)\];")]
    private static partial Regex ArrayPattern();

    [GeneratedRegex(@"_\w+")]
    private static partial Regex ParameterPattern();
}
