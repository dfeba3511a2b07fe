using System.Text.RegularExpressions;

namespace Winnow.Kernels.Ptx.Tests.Machine;

/// <summary>Makes an instruction of a program into a step.</summary>
internal sealed partial class PtxStepCompiler(PtxProgram program)
{
    private readonly PtxOperands _operands = new(program);

    /// <summary>The step of one line.</summary>
    /// <exception cref="NotSupportedException">The machine does not know the instruction.</exception>
    public PtxStep Compile(string line)
    {
        Match match = LinePattern().Match(line);
        string[] words = match.Groups["name"].Value.Split('.');
        string[] operands = [.. OperandPattern().Matches(match.Groups["operands"].Value).Select(operand => operand.Value.Trim())];
        PtxStep step = Compile(words, operands) ?? throw new NotSupportedException($"The machine does not know '{line}'.");
        if (match.Groups["guard"].Length == 0)
        {
            return step;
        }

        ulong wanted = match.Groups["not"].Length == 0 ? 1UL : 0;
        int guard = program.Register(match.Groups["guard"].Value);
        return lane =>
        {
            if (lane.Registers[guard] == wanted)
            {
                step(lane);
            }
        };
    }

    private PtxStep? Compile(string[] words, string[] operands) => words[0] switch
    {
        "bra" => Branch(operands[0]),
        "brx" => BranchTable(operands),
        "ret" or "exit" => lane => lane.Wait = PtxWait.Ended,
        "membar" or "fence" => Nothing,
        "bar" when words[1] == "warp" => Nothing,
        "bar" => Barrier(words, operands),
        "shfl" => Shuffle(operands),
        "mma" => Together(PtxOperands.Parts(operands[0]), operands[1..], PtxWarp.Multiply(words)),
        "ldmatrix" => Together(PtxOperands.Parts(operands[0]), operands[1..], PtxWarp.Load(words)),
        "ld" => Load(words, operands),
        "st" => Store(words, operands),
        "atom" => Atomic(words, operands[1], operands[2..], _operands.Write(operands[0], TypeOf(words))),
        "red" => Atomic(words, operands[0], operands[1..], null),
        "mov" => Move(words, operands),
        "cvta" => Copy(operands, new PtxType('u', 64)),
        "cvt" when words[2] == "f16x2" => OfHalves(operands, (high, low) => PtxArithmetic.Pair(Single(high), Single(low))),
        "cvt" when words[2] == "bf16x2" => OfHalves(operands, (high, low) => (PtxArithmetic.Brain(high) << 16) | PtxArithmetic.Brain(low)),
        "cvt" => Convert(words, operands),
        "sub" when words[^1] == "f16x2" => OfHalves(operands, PtxArithmetic.SubtractPairs),
        "setp" => Compare(words, operands),
        "selp" => Select(words, operands),
        _ => Operate(words, operands),
    };

    /// <summary>Threads run one after another, so that nothing has to be ordered; threads of a warp meet at every shuffle.</summary>
    private static void Nothing(PtxLane lane)
    {
    }

    /// <summary>An operation of two words that gives two halves.</summary>
    private PtxStep OfHalves(string[] operands, Func<uint, uint, uint> operation)
    {
        var type = new PtxType('b', 32);
        PtxValue first = _operands.Read(operands[1], type);
        PtxValue second = _operands.Read(operands[2], type);
        PtxWrite write = _operands.Write(operands[0], type);
        return lane => write(lane, operation((uint)first(lane), (uint)second(lane)));
    }

    private static double Single(uint bits) => BitConverter.UInt32BitsToSingle(bits);

    private static PtxType TypeOf(string[] words) => PtxType.Parse(words[^1]) ?? throw new NotSupportedException($"'{string.Join('.', words)}' has no type.");

    private PtxStep Branch(string label)
    {
        int target = -1;
        return lane => lane.Next = target >= 0 ? target : target = program.Label(label);
    }

    private PtxStep BranchTable(string[] operands)
    {
        PtxValue index = _operands.Read(operands[0], new PtxType('u', 32));
        string table = operands[1];
        return lane => lane.Next = program.Label(program.Table(table)[index(lane)]);
    }

    private PtxStep Barrier(string[] words, string[] operands)
    {
        if (words[1] != "red")
        {
            return lane => lane.Wait = PtxWait.Barrier;
        }

        PtxValue vote = _operands.Read(operands[2], new PtxType('p', 1));
        int target = program.Register(operands[0]);
        return Twice(lane => (lane.Given, lane.Wait) = (vote(lane), PtxWait.Barrier), lane => lane.Registers[target] = lane.Given);
    }

    private PtxStep Shuffle(string[] operands)
    {
        var type = new PtxType('b', 32);
        PtxValue given = _operands.Read(operands[1], type);
        PtxValue source = _operands.Read(operands[2], type);
        PtxValue clamp = _operands.Read(operands[3], type);
        int target = program.Register(operands[0]);
        return Twice(
            lane => (lane.Given, lane.ShuffleLane, lane.ShuffleClamp, lane.Wait) = (given(lane), (int)source(lane), (int)clamp(lane), PtxWait.Shuffle),
            lane => lane.Registers[target] = lane.Given);
    }

    /// <summary>A step that waits after its first part: the same instruction runs again when the wait is over.</summary>
    private static PtxStep Twice(PtxStep before, PtxStep after)
    {
        return lane =>
        {
            if (lane.IsResumed)
            {
                lane.IsResumed = false;
                after(lane);
                return;
            }

            before(lane);
            lane.IsResumed = true;
            lane.Next--;
        };
    }

    /// <summary>An instruction of a whole warp: the words that every thread brings, and what it is given.</summary>
    private PtxStep? Together(string[] targets, string[] operands, Action<PtxLane[]>? operation)
    {
        if (operation is null)
        {
            return null;
        }

        var type = new PtxType('b', 32);
        PtxValue[] values = [.. operands.SelectMany(operand => operand[0] == '['
            ? [_operands.Address(operand)]
            : PtxOperands.Parts(operand).Select(part => _operands.Read(part, type)))];
        PtxWrite[] writes = [.. targets.Select(target => _operands.Write(target, type))];
        return Twice(
            lane => (lane.Words, lane.Together, lane.Wait) = ([.. values.Select(value => (uint)value(lane))], operation, PtxWait.Warp),
            lane =>
            {
                for (int i = 0; i < writes.Length; i++)
                {
                    writes[i](lane, lane.Words[i]);
                }
            });
    }

    private PtxStep Load(string[] words, string[] operands)
    {
        PtxType type = TypeOf(words);
        PtxWrite[] targets = [.. PtxOperands.Parts(operands[0]).Select(part => _operands.Write(part, type))];
        if (words[1] == "param")
        {
            (string name, int offset) = PtxOperands.Place(operands[1]);
            int parameter = program.Parameter(name);
            return lane => targets[0](lane, ReadParameter(lane.Group.Launch.Parameters[parameter], offset, type));
        }

        PtxValue address = _operands.Address(operands[1]);
        return lane =>
        {
            ulong at = address(lane);
            CheckAlignment(at, type.Bytes * targets.Length);
            for (int i = 0; i < targets.Length; i++)
            {
                ulong value = lane.Group.Memory.Load(lane, at + (ulong)(i * type.Bytes), type.Bytes);
                targets[i](lane, type.Kind == 's' ? (ulong)type.Signed(value) : value);
            }
        };
    }

    private PtxStep Store(string[] words, string[] operands)
    {
        PtxType type = TypeOf(words);
        PtxValue[] values = [.. PtxOperands.Parts(operands[1]).Select(part => _operands.Read(part, type))];
        PtxValue address = _operands.Address(operands[0]);
        return lane =>
        {
            ulong at = address(lane);
            CheckAlignment(at, type.Bytes * values.Length);
            for (int i = 0; i < values.Length; i++)
            {
                lane.Group.Memory.Store(lane, at + (ulong)(i * type.Bytes), type.Bytes, values[i](lane));
            }
        };
    }

    private PtxStep? Atomic(string[] words, string place, string[] operands, PtxWrite? result)
    {
        PtxType type = TypeOf(words);
        PtxValue address = _operands.Address(place);
        PtxValue[] values = [.. operands.Select(operand => _operands.Read(operand, type))];
        string operation = words.Single(word => word is "add" or "min" or "max" or "and" or "or" or "xor" or "exch" or "cas");
        Func<ulong, ulong, ulong>? combine = operation == "cas" ? null : PtxArithmetic.Binary([operation, ""], type);
        return lane =>
        {
            ulong at = address(lane);
            ulong old = lane.Group.Memory.Load(lane, at, type.Bytes);
            ulong value = combine is not null ? combine(old, values[0](lane)) : old == (values[0](lane) & type.Mask) ? values[1](lane) : old;
            lane.Group.Memory.Store(lane, at, type.Bytes, value);
            result?.Invoke(lane, old);
        };
    }

    private PtxStep Move(string[] words, string[] operands)
    {
        PtxType type = TypeOf(words);
        string[] targets = PtxOperands.Parts(operands[0]);
        string[] sources = PtxOperands.Parts(operands[1]);
        if (targets.Length == 1 && sources.Length == 1)
        {
            return Copy(operands, type);
        }

        var half = new PtxType('b', type.Bits / 2);
        PtxValue[] values = [.. sources.Select(source => _operands.Read(source, sources.Length == 1 ? type : half))];
        PtxWrite[] writes = [.. targets.Select(target => _operands.Write(target, targets.Length == 1 ? type : half))];
        return lane =>
        {
            ulong whole = values.Length == 1 ? values[0](lane) : (values[0](lane) & half.Mask) | (values[1](lane) << half.Bits);
            writes[0](lane, writes.Length == 1 ? whole : whole & half.Mask);
            if (writes.Length > 1)
            {
                writes[1](lane, whole >> half.Bits);
            }
        };
    }

    private PtxStep Copy(string[] operands, PtxType type)
    {
        int target = program.Register(operands[0]);
        PtxValue value = _operands.Read(operands[1], type);
        return lane => lane.Registers[target] = value(lane);
    }

    private PtxStep Convert(string[] words, string[] operands)
    {
        PtxType from = TypeOf(words);
        PtxType to = PtxType.Parse(words[^2])!.Value;
        Func<ulong, ulong> convert = PtxArithmetic.Convert(to, from);
        PtxValue value = _operands.Read(operands[1], from);
        PtxWrite write = _operands.Write(operands[0], to);
        return lane => write(lane, convert(value(lane)));
    }

    private PtxStep Compare(string[] words, string[] operands)
    {
        PtxType type = TypeOf(words);
        Func<ulong, ulong, bool> compare = PtxArithmetic.Compare(words[1], type);
        PtxValue left = _operands.Read(operands[1], type);
        PtxValue right = _operands.Read(operands[2], type);
        int target = program.Register(operands[0]);
        if (operands.Length == 3)
        {
            return lane => lane.Registers[target] = compare(left(lane), right(lane)) ? 1UL : 0;
        }

        PtxValue third = _operands.Read(operands[3], new PtxType('p', 1));
        Func<ulong, ulong, ulong> join = PtxArithmetic.Binary([words[2], ""], new PtxType('p', 1))!;
        return lane => lane.Registers[target] = join(compare(left(lane), right(lane)) ? 1UL : 0, third(lane));
    }

    private PtxStep Select(string[] words, string[] operands)
    {
        PtxType type = TypeOf(words);
        PtxValue yes = _operands.Read(operands[1], type);
        PtxValue no = _operands.Read(operands[2], type);
        int condition = program.Register(operands[3]);
        int target = program.Register(operands[0]);
        return lane => lane.Registers[target] = lane.Registers[condition] != 0 ? yes(lane) : no(lane);
    }

    private PtxStep? Operate(string[] words, string[] operands)
    {
        PtxType type = TypeOf(words);
        int target = program.Register(operands[0]);
        PtxValue[] values = [.. operands[1..].Select(operand => _operands.Read(operand, type))];
        switch (values.Length)
        {
            case 1 when PtxArithmetic.Unary(words, type) is { } one:
                PtxValue only = values[0];
                return lane => lane.Registers[target] = one(only(lane));
            case 2 when PtxArithmetic.Binary(words, type) is { } two:
                (PtxValue left, PtxValue right) = (values[0], values[1]);
                return lane => lane.Registers[target] = two(left(lane), right(lane));
            case 3 when PtxArithmetic.Ternary(words, type) is { } three:
                return lane => lane.Registers[target] = three(values[0](lane), values[1](lane), values[2](lane));
            default:
                return null;
        }
    }

    private static ulong ReadParameter(byte[] parameter, int offset, PtxType type)
    {
        ulong value = 0;
        for (int i = 0; i < type.Bytes; i++)
        {
            value |= (ulong)parameter[offset + i] << (8 * i);
        }

        return value;
    }

    private static void CheckAlignment(ulong address, int bytes)
    {
        if (address % (ulong)bytes != 0)
        {
            throw new InvalidOperationException($"An access of '{bytes}' bytes at '0x{address:x}' is not aligned.");
        }
    }

    [GeneratedRegex(@"^(@(?<not>!?)(?<guard>%p\d+)\s+)?(?<name>[a-z0-9.]+)\s*(?<operands>.*)$")]
    private static partial Regex LinePattern();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|[^,\s][^,]*")]
    private static partial Regex OperandPattern();
}
