using System.Globalization;

namespace Winnow.Kernels.Ptx.Tests.Machine;

/// <summary>Writes a register.</summary>
internal delegate void PtxWrite(PtxLane lane, ulong value);

/// <summary>Makes operands into what reads and writes them.</summary>
internal sealed class PtxOperands(PtxProgram program)
{
    /// <summary>The parts of a vector operand, or the operand itself.</summary>
    public static string[] Parts(string operand) => operand.Trim('{', '}').Split(',', StringSplitOptions.TrimEntries);

    /// <summary>The name and the offset in brackets.</summary>
    public static (string Name, int Offset) Place(string operand)
    {
        string[] parts = operand.Trim('[', ']').Split('+', StringSplitOptions.TrimEntries);
        return (parts[0], parts.Length == 1 ? 0 : int.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    /// <summary>The address that brackets hold.</summary>
    public PtxValue Address(string operand)
    {
        (string name, int offset) = Place(operand);
        PtxValue start = Read(name, new PtxType('u', 64));
        return offset == 0 ? start : lane => start(lane) + (ulong)offset;
    }

    /// <summary>What writes a register: the low bits of a type that fit the register.</summary>
    public PtxWrite Write(string operand, PtxType type)
    {
        int register = program.Register(operand);
        ulong mask = WidthOf(operand, type);
        return (lane, value) => lane.Registers[register] = value & mask;
    }

    /// <summary>What reads a register, a special register, a name or a number.</summary>
    public PtxValue Read(string operand, PtxType type)
    {
        if (program.Address(operand) is long address)
        {
            return _ => (ulong)address;
        }

        if (operand.StartsWith('%'))
        {
            return Special(operand) ?? Register(program.Register(operand));
        }

        ulong number = Number(operand, type);
        return _ => number;
    }

    private static PtxValue Register(int register) => lane => lane.Registers[register];

    private static PtxValue? Special(string name) => name switch
    {
        "%tid.x" => lane => (ulong)lane.X,
        "%tid.y" => lane => (ulong)lane.Y,
        "%tid.z" => lane => (ulong)lane.Z,
        "%ntid.x" => lane => (ulong)lane.Group.Size.X,
        "%ntid.y" => lane => (ulong)lane.Group.Size.Y,
        "%ntid.z" => lane => (ulong)lane.Group.Size.Z,
        "%ctaid.x" => lane => (ulong)lane.Group.Index.X,
        "%ctaid.y" => lane => (ulong)lane.Group.Index.Y,
        "%ctaid.z" => lane => (ulong)lane.Group.Index.Z,
        "%nctaid.x" => lane => (ulong)lane.Group.Launch.Grid.X,
        "%nctaid.y" => lane => (ulong)lane.Group.Launch.Grid.Y,
        "%nctaid.z" => lane => (ulong)lane.Group.Launch.Grid.Z,
        "%laneid" => lane => (ulong)(lane.Linear % 32),
        "%dynamic_smem_size" => lane => (ulong)lane.Group.Launch.DynamicBytes,
        _ => null,
    };

    private static ulong Number(string text, PtxType type)
    {
        if (text.StartsWith("0f", StringComparison.Ordinal) || text.StartsWith("0d", StringComparison.Ordinal))
        {
            return ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }

        return type.FromInteger(Int128.Parse(text, CultureInfo.InvariantCulture));
    }

    /// <summary>The width of a register, by the letters of its name.</summary>
    private static ulong WidthOf(string register, PtxType type) => register.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9') switch
    {
        "%rs" => ushort.MaxValue,
        "%r" or "%f" => uint.MaxValue,
        "%p" => 1,
        _ => type.Kind == 's' || type.Bits == 64 ? ulong.MaxValue : type.Mask,
    };
}
